import type { Segment } from '@fs/core';
/** Tokens with a role of their own. Names as in `gguf-py/gguf/vocab.py`; `eot` ends a turn, `eom` a message that awaits a tool. */
export declare const SPECIAL_ROLES: readonly ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask', 'eot', 'eom'];
export type SpecialRole = (typeof SPECIAL_ROLES)[number];
export type SpecialIds = {
    readonly [Role in SpecialRole]?: number;
};
export type EncodeOptions = {
    /** Put the tokens around the text that the model expects there (`<s>` before, `[CLS]` and `[SEP]` around). */
    readonly addSpecialTokens: boolean;
    /** Let control tokens spelled out in the text become their ids, as Hugging Face does. False unless asked for. */
    readonly parseSpecial?: boolean;
};
export type DecodeOptions = {
    /** Leave out control tokens; the default is to spell them out. */
    readonly skipSpecialTokens?: boolean;
};
/** Ids to text, one id at a time. Text comes when its last character is whole; what is left over comes from `end`. */
export type DecodeStream = {
    push(id: number): string;
    /** Text of bytes that never completed a character, as U+FFFD. The stream starts anew afterwards. */
    end(): string;
};
export type Tokenizer = {
    /** One more than the largest id. */
    readonly vocabularySize: number;
    readonly special: SpecialIds;
    /** Whether `addSpecialTokens` begins a text with `bos`, and ends it with `eos`. */
    readonly addBos: boolean;
    readonly addEos: boolean;
    encode(text: string, options: EncodeOptions): number[];
    /**
     * Ids of a prompt as if its segments were one text, with control tokens recognised only where they lie wholly inside
     * `special` segments: neither inside a `text` segment nor across a border.
     */
    encodeSegments(segments: readonly Segment[], options?: {
        readonly addSpecialTokens?: boolean;
    }): number[];
    /** Ids without a token decode to nothing. @throws FsError for an id that is negative or not an integer. */
    decode(ids: ArrayLike<number>, options?: DecodeOptions): string;
    createDecodeStream(options?: DecodeOptions): DecodeStream;
    /** The id of a token as the vocabulary spells it (`Ġthe`, `▁the`, `##the`). */
    tokenToId(token: string): number | undefined;
    /** The token as the vocabulary spells it. */
    idToToken(id: number): string | undefined;
    /** The bytes the token adds to a text in its middle; undefined for ids without a token. */
    idToBytes(id: number): Uint8Array | undefined;
    /** True for control tokens, which `skipSpecialTokens` leaves out. */
    isSpecial(id: number): boolean;
};
