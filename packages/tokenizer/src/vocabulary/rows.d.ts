export type VocabularyRows = {
    readonly tokens: string[];
    /** Values of {@link TOKEN_TYPES}. */
    readonly types: number[];
    /** Absent for kinds that have none (byte-pair, WordPiece). */
    readonly scores?: number[];
};
/** Score of rows without a token, under SentencePiece kinds (`_create_vocab_sentencepiece`, conversion/base.py). */
export declare const PADDING_SCORE = -10000;
/** The row for an id no token has. */
export declare const paddingToken: (id: number) => string;
/**
 * How many rows to write.
 * @throws FsError when the model has fewer embedding rows than the tokenizer has tokens.
 */
export declare function rowCount(tokens: number, rows: number | undefined, file: string): number;
/** Rows filled with padding, to be overwritten. */
export declare function paddingRows(count: number, scored: boolean): VocabularyRows;
