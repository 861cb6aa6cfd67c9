/** Piece types by their number in the file, which GGUF's `token_type` shares. */
export declare const PIECE_TYPES: {
    readonly NORMAL: 1;
    readonly UNKNOWN: 2;
    readonly CONTROL: 3;
    readonly USER_DEFINED: 4;
    readonly UNUSED: 5;
    readonly BYTE: 6;
};
export type PieceType = (typeof PIECE_TYPES)[keyof typeof PIECE_TYPES];
export type Piece = {
    readonly text: string;
    readonly score: number;
    readonly type: PieceType;
};
export type SentencePieceModel = {
    readonly pieces: readonly Piece[];
    readonly algorithm: 'unigram' | 'bpe';
    readonly byteFallback: boolean;
    readonly treatWhitespaceAsSuffix: boolean;
    /** -1 where there is none. */
    readonly unkId: number;
    readonly bosId: number;
    readonly eosId: number;
    readonly padId: number;
    readonly precompiledCharsmap: Uint8Array;
    readonly addDummyPrefix: boolean;
    readonly removeExtraWhitespaces: boolean;
    readonly escapeWhitespaces: boolean;
};
/**
 * Reads a model file.
 * @param file its name, for messages.
 * @throws FsError when the bytes are not a SentencePiece model, or its algorithm is neither BPE nor unigram.
 */
export declare function readSentencePieceModel(bytes: Uint8Array, file?: string): SentencePieceModel;
