import type { SubwordModel } from './model.ts';
/**
 * Wraps a merging model (byte-pair or by scores) over characters.
 * @param tokens every text a merge can make.
 * @param fusedId the unknown token when runs of it count as one, else -1.
 */
export declare function chunked(model: SubwordModel, tokens: Iterable<string>, fusedId: number): SubwordModel;
