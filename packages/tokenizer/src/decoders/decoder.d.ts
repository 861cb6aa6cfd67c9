import type { DecodeStream } from '../tokenizer.ts';
export type Decoder = {
    /** What an id adds in the middle of a text; undefined for ids without a token. */
    bytes(id: number): Uint8Array | undefined;
    decode(ids: readonly number[]): string;
    createStream(): DecodeStream;
};
/** Every token is bytes, and the text is what all of them spell; what spells nothing becomes U+FFFD. */
export declare function byteLevelDecoder(bytes: (id: number) => Uint8Array | undefined): Decoder;
