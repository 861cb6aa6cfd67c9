/** A token that is cut out of a text as it stands. Field meanings: `AddedToken` of huggingface/tokenizers. */
export type LiteralToken = {
    readonly id: number;
    readonly text: string;
    /** Never recognised in text that a user wrote. */
    readonly control: boolean;
    /** Only where no word character touches it. */
    readonly singleWord: boolean;
    /** Swallows the whitespace before it, or after it. */
    readonly leftStrip: boolean;
    readonly rightStrip: boolean;
};
/** Where a token was found: UTF-16 offsets, whitespace it swallows included. */
export type TokenMatch = {
    readonly id: number;
    readonly start: number;
    readonly end: number;
};
/** Says whether a control token may be recognised at `start … end`. */
export type ControlScope = (start: number, end: number) => boolean;
export type TokenMatcher = {
    /** Matches in order, without overlaps. */
    find(text: string, mayBeControl: ControlScope): TokenMatch[];
};
/** Leftmost first, longest among those that begin together: how Hugging Face's library looks for added tokens. */
export declare function leftmostLongest(tokens: readonly LiteralToken[]): TokenMatcher;
/** Longest tokens first, wherever they are, then the next shorter in what is left: how llama.cpp cuts a text (`tokenizer_st_partition`). */
export declare function longestFirst(tokens: readonly LiteralToken[]): TokenMatcher;
