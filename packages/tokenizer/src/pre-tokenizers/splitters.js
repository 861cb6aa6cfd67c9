// The ways llama.cpp cuts a text into words before byte-pair encoding, each a row of patterns applied one after the other.
// Source: `llm_tokenizer_bpe` (src/llama-vocab.cpp, v0.5.0). Names of GGUF files that use them are in `names.ts`.
//
// Each pattern cuts every piece so far into its matches and what lies between them. llama.cpp runs most of them on a text in which each
// character is replaced by its category, which has these effects, kept here: upper and lower case letters are one category, so `\p{Lu}` means
// `\p{L}`; `\s` is Unicode's white space, `\d` and ranges are ASCII.
import { split } from '../text/split.js';
import { CASED_LETTERS } from './cased-letters.js';
const CONTRACTION = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
const WORD = String.raw `[^\r\n\p{L}\p{N}]?\p{L}+`;
const SYMBOLS = String.raw ` ?[^\s\p{L}\p{N}]+`;
const BREAKS = String.raw `\s*[\r\n]+`;
const BLANKS = String.raw `\s+(?!\S)|\s+`;
const GPT2 = String.raw `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+|${SYMBOLS}|${BLANKS}`;
const BLOOM = String.raw ` ?[^(\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+`;
/** GPT-4's cut, which Llama 3 and Qwen took over with another number pattern. */
const gpt4 = (numbers) => `${CONTRACTION}|${WORD}|${numbers}|${SYMBOLS}[\\r\\n]*|${BREAKS}|${BLANKS}`;
/** Letters that are not a-z, then letters that are not A-Z: all a program without cases can say of `[\p{Lu}…]*[\p{Ll}…]+`. */
const cased = (letter, suffix) => {
    const [upper, lower] = [`(?:(?=${letter})[^a-z])`, `(?:(?=${letter})[^A-Z])`];
    const lead = String.raw `[^\r\n\p{L}\p{N}]?`;
    return `${lead}${upper}*${lower}+${suffix}|${lead}${upper}+${lower}*${suffix}`;
};
const caseless = (suffix) => String.raw `[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]*[\p{L}\p{M}]+${suffix}`;
const afterWords = (numbers) => `${numbers}|${SYMBOLS}[\\r\\n/]*|${BREAKS}|${BLANKS}`;
const CJK_AND_KANA = String.raw `[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+`;
const OLD_CJK = String.raw `[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+`;
/** DeepSeek V3's last pattern; `breaks` is what follows symbols. */
const deepseek3 = (breaks) => String.raw `[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_${'`'}{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+${breaks}|${BLANKS}`;
/** Digits in threes counted from the right: `1234567` is 1, 234, 567. */
const THREES = String.raw `\p{N}{1,2}(?=(?:\p{N}{3})*(?!\p{N}))|\p{N}{3}`;
/** Patterns by splitter, as JavaScript sources under the flag `u`; `\s` and `\S` are replaced by Unicode's properties when compiled. */
export const SPLITTERS = {
    gpt2: [GPT2],
    llama3: [gpt4(String.raw `\p{N}{1,3}`)],
    qwen2: [gpt4(String.raw `\p{N}`)],
    qwen35: [String.raw `${CONTRACTION}|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|${BREAKS}|${BLANKS}`],
    ufakzeka: [`${WORD}|\\p{N}|${SYMBOLS}[\\r\\n]*|${BREAKS}|${BLANKS}`],
    seedCoder: [String.raw `${CONTRACTION}|${WORD}|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|${BREAKS}|${BLANKS}`],
    bailing: [String.raw `'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|${WORD}|\p{N}|${SYMBOLS}[\r\n]*|\s*[\r\n]|${BLANKS}`],
    exaoneMoe: [String.raw `${CONTRACTION}|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}|${SYMBOLS}[\r\n/]?|\s*[\r\n]|${BLANKS}`],
    jais2: [
        String.raw `${CONTRACTION}|${WORD}|\p{N}{1,3}|${SYMBOLS}[\r\n]*|${BREAKS}|${[512, 256, 128, 64, 32, 16, 8, 4].map((n) => `\\s{${n}}(?!\\S)`).join('|')}|\s{1,2}(?!\S)|\s`,
    ],
    minicpm5: [String.raw `\p{N}{1,3}`, gpt4(String.raw `\p{N}+`)],
    laguna: [String.raw `[^\n]+|\n+`, gpt4(String.raw `\p{N}`)],
    tekken: [`${cased(String.raw `\p{L}`, '')}|${afterWords(String.raw `\p{N}`)}`],
    gpt4o: [`${cased(String.raw `\p{L}`, `${CONTRACTION}?`)}|${afterWords(String.raw `\p{N}{1,3}`)}`],
    graniteMultilingual: [`${cased(String.raw `[\p{L}\p{M}]`, `${CONTRACTION}?`)}|${afterWords(String.raw `\p{N}{1,3}`)}`],
    tinyAya: [THREES, `${caseless(`${CONTRACTION}?`)}|${afterWords(String.raw `\p{N}{1,3}`)}`],
    youtu: [
        String.raw `[\uac00-\ud7a3\u3131-\u318e]+|[\uff01\u2026\u201c\u201d\u2018\u2019\u2014\uff1a\uff1b\uff0c\u3001-\u303f\ufe30-\ufe4f]+|[\u3105-\u312f]+|${CJK_AND_KANA}`,
        `${caseless(`${CONTRACTION}?`)}|${afterWords(String.raw `\p{N}`)}`,
    ],
    kimiK2: [
        String.raw `\p{Script=Han}+|[^\r\n\p{L}\p{N}]?(?:(?!\p{Script=Han})\p{L})+${CONTRACTION}?|\p{N}{1,3}|${SYMBOLS}[\r\n]*|${BREAKS}|${BLANKS}`,
    ],
    digitsGpt2: [String.raw `\p{N}`, GPT2],
    falcon: [String.raw `[\p{P}$+<=>^~|${'`'}]+`, GPT2, '[0-9][0-9][0-9]'],
    chameleon: [
        '<sentinel:[0-9]+>',
        'IMGIMG[A-I]{1,4}Z',
        String.raw `[\t\n]|    |  `,
        String.raw `\p{N}`,
        String.raw `[\p{P}!-\/:-@\[-${'`'}{-~]`,
        GPT2,
    ],
    bloom: [BLOOM],
    viking: [BLOOM, String.raw `\p{N}`],
    superBpe: [String.raw `\p{N}+`, String.raw `(?=(?:\d{3})+(?!\d))`],
    deepseekLlm: [
        String.raw `[\r\n]`,
        String.raw `\s?[${CASED_LETTERS}]+`,
        String.raw `\s?[!-\/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+`,
        String.raw `\s+$`,
        OLD_CJK,
        String.raw `\p{N}+`,
    ],
    deepseekCoder: [String.raw `[\r\n]`, String.raw `\s?\p{L}+`, String.raw `\s?\p{P}+`, OLD_CJK, String.raw `\p{N}`],
    deepseekV3: [String.raw `\p{N}{1,3}`, CJK_AND_KANA, deepseek3(String.raw `[\r\n]*|${BREAKS}`)],
    spark25: [String.raw `\p{N}{1,3}`, CJK_AND_KANA, deepseek3(String.raw `|[\r\n]`), String.raw `\p{N}`],
    afmoe: [
        THREES,
        String.raw `[\u4e00-\u9fff\u3400-\u4dbf\u8c48-\ufaff\u3040-\u309f\u30a0-\u30ff\uff65-\uff9f\u2f00-\u2fdf\u0e40-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff\uac00-\ud7af\u1100-\u11ff]+`,
        deepseek3(String.raw `[\r\n]*|${BREAKS}`),
    ],
    newlines: [String.raw `[^\n]+|\n+`],
    default: [String.raw `[\p{P}$+<=>^~|]+`, GPT2, String.raw `\p{N}+`, '[0-9][0-9][0-9]'],
};
const compiled = new Map();
/** The patterns of a splitter, ready to use. */
export function splitterPatterns(name) {
    let patterns = compiled.get(name);
    if (patterns === undefined) {
        patterns = SPLITTERS[name].map((source) => new RegExp(source.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}'), 'gu'));
        compiled.set(name, patterns);
    }
    return patterns;
}
/** The words of a text. */
export function splitWords(text, patterns) {
    let words = [text];
    for (const pattern of patterns) {
        words =
            words.length === 1 ? split(words[0], pattern, 'Isolated', false) : words.flatMap((word) => split(word, pattern, 'Isolated', false));
    }
    return words;
}
//# sourceMappingURL=splitters.js.map