// Recognises the `pre_tokenizer` of published tokenizer.json files by their stages, and says which of llama.cpp's splitters each became.
// It is a first answer only: what it says is confirmed by ids in `detect.ts`.
import { flatten } from '../huggingface/normalizer.js';
/** GPT-4's pattern as files spell it, with the number part each family has. */
const gpt4 = (numbers) => String.raw `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${numbers}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const CASED = String.raw `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+S|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*S`;
const cased = (suffix, numbers) => String.raw `${CASED.replaceAll(/S(?=\||$)/g, suffix)}|${numbers}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
/** Stages by splitter, as {@link describe} spells them. Patterns: the tokenizer.json files llama.cpp's comments quote beside its own. */
const KNOWN = {
    gpt2: [['ByteLevel']],
    llama3: [[`Split ${gpt4(String.raw `\p{N}{1,3}`)}`, 'bytes']],
    qwen2: [[`Split ${gpt4(String.raw `\p{N}`)}`, 'bytes']],
    qwen35: [
        [
            String.raw `Split (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
            'bytes',
        ],
    ],
    tekken: [[`Split ${cased('', String.raw `\p{N}`)}`, 'bytes']],
    gpt4o: [[`Split ${cased(CONTRACTION, String.raw `\p{N}{1,3}`)}`, 'bytes']],
    tinyAya: [[String.raw `Split \d{1,3}(?=(?:\d{3})*\b)`, `Split ${cased(CONTRACTION, String.raw `\p{N}{1,3}`)}`, 'bytes']],
    digitsGpt2: [['Digits each', 'ByteLevel']],
    falcon: [['Punctuation Contiguous', 'ByteLevel', 'Digits runs', 'Split [0-9][0-9][0-9]']],
    newlines: [['Split  ']],
};
/** One line for a stage; settings that are the default are left out. */
function describe(stage) {
    const type = stage.field('type').string();
    switch (type) {
        case 'ByteLevel': {
            if (stage.optional('add_prefix_space')?.value === true)
                return 'ByteLevel with a space';
            return stage.optional('use_regex')?.value === false ? 'bytes' : 'ByteLevel';
        }
        case 'Split': {
            const pattern = stage.field('pattern');
            return `Split ${pattern.optional('Regex')?.string() ?? pattern.field('String').string()}`;
        }
        case 'Digits':
            return stage.optional('individual_digits')?.value === true ? 'Digits each' : 'Digits runs';
        case 'Punctuation':
            return `Punctuation ${stage.optional('behavior')?.string() ?? 'Isolated'}`;
        default:
            return type;
    }
}
/** The splitter whose published stages these are, or undefined. */
export function knownSplitter(preTokenizer) {
    const stages = preTokenizer === undefined ? [] : flatten(preTokenizer, 'pretokenizers').map(describe);
    for (const [name, rows] of Object.entries(KNOWN)) {
        if (rows.some((row) => row.length === stages.length && row.every((line, index) => line === stages[index])))
            return name;
    }
    return undefined;
}
//# sourceMappingURL=structure.js.map