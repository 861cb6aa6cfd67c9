import type { Decoder } from './decoder.ts';
/**
 * Undoes the space a joined text has before punctuation and English contractions, in one token's text.
 * Order and pairs: `cleanup` in `decoders/wordpiece.rs` of huggingface/tokenizers.
 */
export declare function cleanedUp(text: string): string;
/** @param text what a token adds at the start of a text (`first`) or after other tokens. */
export declare function tokenTextDecoder(text: (id: number, first: boolean) => string | undefined): Decoder;
