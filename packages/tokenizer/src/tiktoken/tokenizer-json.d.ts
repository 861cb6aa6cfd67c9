/** True when the bytes begin with a line of base64 and a number, as no protobuf does. */
export declare function isTiktokenModel(bytes: Uint8Array): boolean;
/** The 256 tokens after Llama 3's ranks: named ones as in Llama 3.1 and later, the others reserved. */
export declare function llama3SpecialTokens(): readonly string[];
/**
 * @param specialTokens the tokens after the last rank, in order.
 * @throws FsError when a line is not a token and its rank, or a rank is missing or repeated.
 */
export declare function jsonFromTiktoken(bytes: Uint8Array, specialTokens?: readonly string[]): string;
