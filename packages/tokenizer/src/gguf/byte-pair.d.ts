import { type PreTokenizer } from '../pre-tokenizers/names.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { type GgufVocabulary } from './read.ts';
/** What is made once for a vocabulary, whatever cuts its words: `under` gives the tokenizer for one way of cutting. */
export declare function bytePairTokenizers(vocabulary: GgufVocabulary): {
    under(pre: PreTokenizer): Tokenizer;
};
/**
 * @throws FsError when `tokenizer.ggml.pre` is unknown, or there are no merges. A file without `pre` is cut as llama.cpp cuts it, by the
 * name "default", which is wrong for most models made since 2024.
 */
export declare function bytePairTokenizer(vocabulary: GgufVocabulary, file: string): Tokenizer;
