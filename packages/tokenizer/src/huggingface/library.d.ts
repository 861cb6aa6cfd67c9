/** Decodes token texts one stage at a time. */
type LibraryDecoder = {
    decode(tokens: readonly string[]): string;
};
/**
 * An Oniguruma expression as a JavaScript one with the flags `gu`.
 * @throws SyntaxError when it has no equal.
 */
export declare function translatedRegex(source: string): RegExp | null;
/** Stages that {@link chainDecoder} can run, by their name in tokenizer.json. */
export declare const LIBRARY_DECODERS: readonly string[];
/** The library's decoder for stages in a row. */
export declare function chainDecoder(stages: readonly unknown[]): LibraryDecoder;
export {};
