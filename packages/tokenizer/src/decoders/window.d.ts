import type { Decoder } from './decoder.ts';
/** @param decode text of whole token lists; @param tokenText spelling of one id. */
export declare function windowDecoder(decode: (ids: readonly number[]) => string, tokenText: (id: number) => string | undefined): Decoder;
