import type { HuggingFaceTokenizer } from '../huggingface/tokenizer-json.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { type VocabularyRows } from './rows.ts';
/** Byte-pair over bytes: text as the vocabulary spells it, but added tokens as they read. */
export declare function rowsFromBytePair(source: HuggingFaceTokenizer, tokenizer: Tokenizer, rows: number | undefined): VocabularyRows;
/** WordPiece: `##ing` is `ing`, and a word's first piece is marked with `▁` instead. */
export declare function rowsFromWordPiece(source: HuggingFaceTokenizer, tokenizer: Tokenizer, rows: number | undefined): VocabularyRows;
/** The score llama.cpp's converter gives every token of such a vocabulary. */
export declare const FLAT_SCORE = -1000;
/**
 * SentencePiece vocabularies without their tokenizer.model. `scores` says what llama.cpp merges by: `flat` is what its converter writes, all
 * equal, so that any pair merges leftmost first; `ranks` orders tokens by the merge that makes them, which keeps the ids.
 */
export declare function rowsFromSpacedBytePair(source: HuggingFaceTokenizer, rows: number | undefined, scores: 'flat' | 'ranks'): VocabularyRows;
/** Unigram: pieces with their log probabilities (`_xlmroberta_set_vocab`, conversion/bert.py). */
export declare function rowsFromUnigram(source: HuggingFaceTokenizer, rows: number | undefined): VocabularyRows;
