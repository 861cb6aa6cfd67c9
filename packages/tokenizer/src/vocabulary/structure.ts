// Recognises the `pre_tokenizer` of published tokenizer.json files by their stages, and says which of llama.cpp's splitters each became.
// It is a first answer only: what it says is confirmed by ids in `detect.ts`.

import { flatten } from '../huggingface/normalizer.ts'
import { type Reader, readerOf } from '../huggingface/reader.ts'
import type { SplitterName } from '../pre-tokenizers/splitters.ts'
import { PUBLISHED_STAGES } from '../pre-tokenizers/stages.ts'

/** One line for a stage; settings that are the default are left out. */
function describe(stage: Reader): string {
  const type = stage.field('type').string()
  switch (type) {
    case 'ByteLevel': {
      if (stage.optional('add_prefix_space')?.value === true) return 'ByteLevel with a space'
      return stage.optional('use_regex')?.value === false ? 'bytes' : 'ByteLevel'
    }
    case 'Split': {
      const pattern = stage.field('pattern')
      return `Split ${pattern.optional('Regex')?.string() ?? pattern.field('String').string()}`
    }
    case 'Digits':
      return stage.optional('individual_digits')?.value === true ? 'Digits each' : 'Digits runs'
    case 'Punctuation':
      return `Punctuation ${stage.optional('behavior')?.string() ?? 'Isolated'}`
    default:
      return type
  }
}

/** Published stages by splitter, as {@link describe} spells them. */
const KNOWN = Object.entries(PUBLISHED_STAGES).map(
  ([name, stages]) => [name as SplitterName, stages.map((stage) => describe(readerOf(stage, name)))] as const,
)

/** The splitter whose published stages these are, or undefined. */
export function knownSplitter(preTokenizer: Reader | undefined): SplitterName | undefined {
  const stages = preTokenizer === undefined ? [] : flatten(preTokenizer, 'pretokenizers').map(describe)
  return KNOWN.find(([, lines]) => lines.length === stages.length && lines.every((line, index) => line === stages[index]))?.[0]
}
