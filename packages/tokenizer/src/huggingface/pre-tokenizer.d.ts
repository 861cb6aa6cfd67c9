import type { Reader } from './reader.ts';
export type PreTokenizer = {
    /** Whether words reach the model as bytes in GPT-2's alphabet. */
    readonly byteLevel: boolean;
    /** True when text always stays one word. */
    readonly whole: boolean;
    /** @param offset where the text begins in the whole; 0 is the very start. */
    words(text: string, offset: number): readonly string[];
};
/** The pattern of `ByteLevel` with `use_regex` (GPT-2's `encoder.py`). */
export declare const GPT2_PATTERN: RegExp;
/** @throws FsError for stages that are unknown, malformed, or follow the byte-level one. */
export declare function readPreTokenizer(reader: Reader | undefined): PreTokenizer;
