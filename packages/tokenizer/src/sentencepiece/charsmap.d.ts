export type Charsmap = {
    /** Replaces the longest known prefix at each place, as SentencePiece does. Works on UTF-8, since prefixes are bytes. */
    normalizeBytes(bytes: Uint8Array): Uint8Array;
    /** The same by grapheme clusters, each one whole if known, else by characters, as huggingface/tokenizers does (`spm_precompiled`). */
    normalize(text: string): string;
};
/** @throws FsError when the table's lengths do not add up. An empty table replaces nothing. */
export declare function createCharsmap(table: Uint8Array, where: string): Charsmap;
