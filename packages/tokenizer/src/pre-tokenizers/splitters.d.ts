/** Patterns by splitter, as JavaScript sources under the flag `u`; `\s` and `\S` are replaced by Unicode's properties when compiled. */
export declare const SPLITTERS: {
    readonly gpt2: readonly [string];
    readonly llama3: readonly [string];
    readonly qwen2: readonly [string];
    readonly qwen35: readonly [string];
    readonly ufakzeka: readonly [`${string}|\\p{N}|${string}[\\r\\n]*|${string}|${string}`];
    readonly seedCoder: readonly [string];
    readonly bailing: readonly [string];
    readonly exaoneMoe: readonly [string];
    readonly jais2: readonly [string];
    readonly minicpm5: readonly [string, string];
    readonly laguna: readonly [string, string];
    readonly tekken: readonly [`${string}|${string}`];
    readonly gpt4o: readonly [`${string}|${string}`];
    readonly graniteMultilingual: readonly [`${string}|${string}`];
    readonly tinyAya: readonly [string, `${string}|${string}`];
    readonly youtu: readonly [string, `${string}|${string}`];
    readonly kimiK2: readonly [string];
    readonly digitsGpt2: readonly [string, string];
    readonly falcon: readonly [string, string, "[0-9][0-9][0-9]"];
    readonly chameleon: readonly ["<sentinel:[0-9]+>", "IMGIMG[A-I]{1,4}Z", string, string, string, string];
    readonly bloom: readonly [string];
    readonly viking: readonly [string, string];
    readonly superBpe: readonly [string, string];
    readonly deepseekLlm: readonly [string, string, string, string, string, string];
    readonly deepseekCoder: readonly [string, string, string, string, string];
    readonly deepseekV3: readonly [string, string, string];
    readonly spark25: readonly [string, string, string, string];
    readonly afmoe: readonly [string, string, string];
    readonly newlines: readonly [string];
    readonly default: readonly [string, string, string, "[0-9][0-9][0-9]"];
};
export type SplitterName = keyof typeof SPLITTERS;
/** The patterns of a splitter, ready to use. */
export declare function splitterPatterns(name: SplitterName): readonly RegExp[];
/** The words of a text. */
export declare function splitWords(text: string, patterns: readonly RegExp[]): readonly string[];
