import type { Tokenizer } from '../tokenizer.ts';
import type { GgufVocabulary } from './read.ts';
/** @throws FsError when the vocabulary has no unknown token, bos, or sep. */
export declare function wordPieceTokenizer(vocabulary: GgufVocabulary, file: string): Tokenizer;
