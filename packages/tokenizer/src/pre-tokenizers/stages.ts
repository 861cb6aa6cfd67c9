// Each splitter as the `pre_tokenizer` stages of a tokenizer.json: as the models llama.cpp took it from publish it, else its own patterns.
// What the patterns cut is in `splitters.ts`; this only spells them in the other program's words.
import type { JsonObject } from '@fs/core'
import { SPLITTERS, type SplitterName } from './splitters.ts'

/** Bytes in GPT-2's alphabet, the text already cut. */
const BYTES: JsonObject = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }
/** The same, and GPT-2's cut with it. */
const GPT2: JsonObject = { ...BYTES, use_regex: true }

const cutBy = (Regex: string): JsonObject => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false })

/** GPT-4's pattern as files spell it, with the number part each family has. */
const gpt4 = (numbers: string) =>
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${numbers}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
const CASED = String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+S|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*S`
const cased = (suffix: string, numbers: string) =>
  String.raw`${CASED.replaceAll(/S(?=\||$)/g, suffix)}|${numbers}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
const CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"

/** Stages by splitter. Patterns: the tokenizer.json files llama.cpp's comments quote beside its own. */
export const PUBLISHED_STAGES: { readonly [Name in SplitterName]?: readonly JsonObject[] } = {
  gpt2: [GPT2],
  llama3: [cutBy(gpt4(String.raw`\p{N}{1,3}`)), BYTES],
  qwen2: [cutBy(gpt4(String.raw`\p{N}`)), BYTES],
  qwen35: [
    cutBy(
      String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    ),
    BYTES,
  ],
  tekken: [cutBy(cased('', String.raw`\p{N}`)), BYTES],
  gpt4o: [cutBy(cased(CONTRACTION, String.raw`\p{N}{1,3}`)), BYTES],
  tinyAya: [cutBy(String.raw`\d{1,3}(?=(?:\d{3})*\b)`), cutBy(cased(CONTRACTION, String.raw`\p{N}{1,3}`)), BYTES],
  digitsGpt2: [{ type: 'Digits', individual_digits: true }, GPT2],
  falcon: [{ type: 'Punctuation', behavior: 'Contiguous' }, GPT2, { type: 'Digits', individual_digits: false }, cutBy('[0-9][0-9][0-9]')],
  // Gemma's: the normalizer has made every space `▁`, so nothing is cut here, and line feeds are in the merges.
  newlines: [{ type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false }],
}

/** @returns the `pre_tokenizer` that cuts as `splitter` does, as one object. */
export function preTokenizerJson(splitter: SplitterName): JsonObject {
  const stages = PUBLISHED_STAGES[splitter] ?? [...SPLITTERS[splitter].map((pattern) => cutBy(oniguruma(pattern))), BYTES]
  return stages.length === 1 ? stages[0]! : { type: 'Sequence', pretokenizers: stages }
}

/**
 * A splitter's pattern in Oniguruma's dialect, which the Rust library reads: scripts and the end of the text have other names there, `\d` would
 * be every script's digits, and characters stand for themselves.
 */
function oniguruma(pattern: string): string {
  return pattern
    .replaceAll(/\\u\{([0-9a-f]+)\}|\\u([0-9a-f]{4})/g, (_, long: string | undefined, short: string) =>
      String.fromCodePoint(Number.parseInt(long ?? short, 16)),
    )
    .replaceAll(/\\p\{Script=(\w+)\}/g, String.raw`\p{$1}`)
    .replaceAll(String.raw`\d`, '[0-9]')
    .replaceAll(String.raw`\/`, '/')
    .replace(/\$$/, String.raw`\z`)
}
