import type { TokenizerFiles } from '../files.ts';
import { type SentencePieceModel } from '../sentencepiece/model-file.ts';
import type { VocabularyTraits } from './options.ts';
import { type VocabularyRows } from './rows.ts';
/** @returns rows, and a sentence for each token that was left out or replaced a trained one. */
export declare function rowsFromSentencePiece(model: SentencePieceModel, files: TokenizerFiles, rows: number | undefined, traits: VocabularyTraits): VocabularyRows & {
    readonly notes: readonly string[];
};
