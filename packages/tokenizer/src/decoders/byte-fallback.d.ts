import type { Decoder } from './decoder.ts';
export type ByteFallbackPiece = {
    readonly text: string;
} | {
    readonly byte: number;
};
export type ByteFallbackOptions = {
    /** What an id stands for; `first` for the first of a text. */
    readonly piece: (id: number, first: boolean) => ByteFallbackPiece | undefined;
    /** Spaces taken off the start of the text, for vocabularies that put one there when encoding. */
    readonly stripStart: number;
};
export declare function byteFallbackDecoder(options: ByteFallbackOptions): Decoder;
