import type { TokenizerFiles } from '../files.ts';
import { type Piece, type SentencePieceModel } from './model-file.ts';
/** A token that JSON files put over a piece, or after the last one. */
export type AddedPiece = {
    readonly id: number;
    readonly text: string;
    readonly special: boolean;
    readonly from: string;
};
/** Score of tokens that were not trained (`_create_vocab_sentencepiece`, conversion/base.py). */
export declare const ADDED_SCORE = -1000;
/** added_tokens.json first, then tokenizer_config.json's table, which has the last word. */
export declare function readAddedPieces(files: TokenizerFiles): readonly AddedPiece[];
/** The piece an added token becomes: only tokenizer_config.json can make it control, and a user's token has spaces for `▁`. */
export declare function addedPiece(added: AddedPiece): Piece;
/** Pieces by id with the added ones over them, the last row winning; holes where neither has an id. */
export declare function mergedPieces(model: SentencePieceModel, added: readonly AddedPiece[]): (Piece | undefined)[];
