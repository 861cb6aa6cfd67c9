// Holds a written tokenizer.json against the vocabulary it was made from: where they cut a text differently, people are told.
import { buildTokenizer, readHuggingFaceTokenizer } from '../huggingface/tokenizer-json.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { probesFor, sameIds } from '../vocabulary/probes.ts'

/**
 * @param source what the vocabulary is called, for the sentence
 * @returns a sentence with the first text that differs, or nothing. Texts are compared in the normal form the files ask for.
 */
export function differenceNotes(
  tokenizer: Tokenizer,
  files: { readonly tokenizerJson: string; readonly tokenizerConfig: string },
  source: string,
): readonly string[] {
  const read = readHuggingFaceTokenizer(files)
  const written = buildTokenizer(read)
  const { texts } = probesFor(read)
  const framed = { addSpecialTokens: true }
  const differing = texts.filter((text) => !sameIds(written.encode(text, framed), tokenizer.encode(text, framed)))
  const [first] = differing
  if (first === undefined) return []
  const shown = JSON.stringify(first.length > 50 ? `${first.slice(0, 50)}…` : first)
  return [`${differing.length} of ${texts.length} probe texts get other ids from tokenizer.json than from ${source}, for one: ${shown}.`]
}
