/** Lower case of each character by itself, as Rust's `char::to_lowercase`: `Σ` never becomes the final `ς` that a whole string's would. */
export declare function lowercased(text: string): string;
export type BertNormalization = {
    readonly cleanText: boolean;
    readonly handleChineseCharacters: boolean;
    readonly stripAccents: boolean;
    readonly lowercase: boolean;
};
/** `BertNormalizer` of huggingface/tokenizers (`normalizers/bert.rs`). */
export declare function bertNormalized(text: string, options: BertNormalization): string;
