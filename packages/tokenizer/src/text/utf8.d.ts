/** Text of bytes, each ill-formed sequence as one U+FFFD (as Rust's `from_utf8_lossy` and WHATWG do). */
export declare function lossyText(bytes: Uint8Array): string;
/** Text of bytes, or undefined when they are not well-formed UTF-8. */
export declare function strictText(bytes: Uint8Array): string | undefined;
/**
 * Length of the longest prefix that does not end inside a character.
 * Ill-formed bytes count as ended: only a sequence that later bytes could still complete is held back (at most 3 bytes).
 */
export declare function completePrefix(bytes: Uint8Array): number;
/** True for UTF-16 text with no lone surrogate, the only text that has UTF-8 bytes. */
export declare function isWellFormed(text: string): boolean;
/** Joins byte pieces. */
export declare function concatenate(pieces: readonly Uint8Array[]): Uint8Array;
