/** Character for each byte: itself where printable, else the next free one from U+0100 on. */
export declare const BYTE_CHARACTERS: readonly string[];
/** Byte for each UTF-16 unit of the alphabet, 255 < unit < 0x144 included; -1 for units outside it. */
export declare const CHARACTER_BYTES: Int16Array;
/** Text as byte-level BPE sees it: its UTF-8 bytes, one alphabet character each. */
export declare function toByteCharacters(text: string): string;
/** The bytes a byte-level token stands for, or undefined when a character is outside the alphabet. */
export declare function fromByteCharacters(token: string): Uint8Array | undefined;
