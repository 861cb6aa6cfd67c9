/** Bytes of one tokenizer file; a JavaScript string cannot hold more than 512 MB. */
export declare const MOST_FILE_BYTES: number;
/** Tokens of a vocabulary, and so the largest id: arrays by id are made of this size. */
export declare const MOST_TOKENS: number;
/** Merges of a vocabulary; ranks must stay under 2^22 for the merge loop. */
export declare const MOST_MERGES: number;
/** Stages of one kind, nested sequences counted through. Real tokenizers have up to 12. */
export declare const MOST_STAGES = 64;
/** Sequences inside sequences. Real tokenizers have up to 2. */
export declare const DEEPEST_STAGES = 8;
/** Characters a single normalizing step may put for one. */
export declare const LONGEST_REPLACEMENT = 256;
/** How many times longer than the text (plus a little) its normalized form may be: NFKD of one ligature is 18 times. */
export declare const MOST_GROWTH = 32;
