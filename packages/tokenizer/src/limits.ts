// How large a tokenizer may be. Each limit is several times the largest real one known (Gemma 4: 262 144 tokens, 514 906 merges, 32 MB).
// What a limit protects against is written beside it; none of them bounds the text that is encoded.

/** Bytes of one tokenizer file; a JavaScript string cannot hold more than 512 MB. */
export const MOST_FILE_BYTES = 256 * 1024 * 1024

/** Tokens of a vocabulary, and so the largest id: arrays by id are made of this size. */
export const MOST_TOKENS = 4 * 1024 * 1024

/** Characters of one token, since looking for tokens takes time by their length. Real ones, rows of spaces or `=`, have up to 256. */
export const LONGEST_TOKEN = 4096

/** Merges of a vocabulary; ranks must stay under 2^22 for the merge loop. */
export const MOST_MERGES = 4 * 1024 * 1024 - 1

/** Stages of one kind, nested sequences counted through. Real tokenizers have up to 12. */
export const MOST_STAGES = 64

/** Sequences inside sequences. Real tokenizers have up to 2. */
export const DEEPEST_STAGES = 8

/** Characters (of a table: bytes) a single normalizing step may put for one match. Real ones have up to 33, for U+FDFA. */
export const LONGEST_REPLACEMENT = 256

/** How many times longer than the text (plus a little) its normalized form may be: NFKD of one ligature is 18 times. */
export const MOST_GROWTH = 32
