import type { Tokenizer } from '../tokenizer.ts';
import { type GgufVocabulary } from './read.ts';
/** @throws FsError when the normalization table is malformed. */
export declare function unigramTokenizer(vocabulary: GgufVocabulary, file: string): Tokenizer;
