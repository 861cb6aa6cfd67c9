// The texts a written vocabulary is compared on, in a form llama.cpp can be held to.
// What llama.cpp cannot do at all is said in a note instead of failing every comparison.
import { flatten } from '../huggingface/normalizer.ts'
import type { HuggingFaceTokenizer } from '../huggingface/tokenizer-json.ts'
import { PROBE_TEXTS } from '../pre-tokenizers/probe-texts.ts'

export type Probes = { readonly texts: readonly string[]; readonly notes: readonly string[] }

/** Unicode forms are dropped by llama.cpp: texts are compared in that form. `source` is absent for SentencePiece files. */
export function probesFor(source: Pick<HuggingFaceTokenizer, 'json' | 'normalize'> | undefined): Probes {
  const normalizer = source?.json.optional('normalizer')
  const types = normalizer === undefined ? [] : flatten(normalizer, 'normalizers').map((stage) => stage.field('type').string())
  if (source === undefined || types.length === 0 || !types.every((type) => /^NFK?[CD]$/.test(type)))
    return { texts: PROBE_TEXTS, notes: [] }
  const form = types.join(', ')
  return {
    texts: PROBE_TEXTS.map((text) => source.normalize(text)),
    notes: [
      `tokenizer.json brings texts into the form ${form} first and llama.cpp does not, so texts in another form get other ids there.`,
    ],
  }
}

export function sameIds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index])
}
