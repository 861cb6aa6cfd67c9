// The package's own small tokenizers, for tests that run anywhere.
// What lies outside the repository is in `shared.test-support.ts`.
import { readFileSync } from 'node:fs'

export const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)))
export const fixtureText = (name: string): string => new TextDecoder().decode(fixture(name))

/** Byte-level BPE in Llama 3's form, 1024 tokens. */
export const byteLevelFiles = () => ({
  tokenizerJson: fixtureText('byte-level/tokenizer.json'),
  tokenizerConfig: fixtureText('byte-level/tokenizer_config.json'),
})
/** SentencePiece in Llama 2's form, as tokenizer.json. */
export const spacedFiles = () => ({
  tokenizerJson: fixtureText('spaced/tokenizer.json'),
  tokenizerConfig: fixtureText('spaced/tokenizer_config.json'),
})
/** BERT's WordPiece. */
export const wordPieceFiles = () => ({
  tokenizerJson: fixtureText('word-piece/tokenizer.json'),
  tokenizerConfig: fixtureText('word-piece/tokenizer_config.json'),
})

type Stage = Record<string, unknown>
/** A tokenizer.json as an object to change, with the stages most tests replace. */
export type TokenizerJson = {
  added_tokens: Stage[]
  normalizer: Stage | null
  pre_tokenizer: Stage | null
  post_processor: Stage | null
  decoder: Stage | null
  model: { type: string; vocab: Record<string, number>; merges: unknown[]; [key: string]: unknown }
}

/** The byte-level tokenizer with changes. */
export function changed(change: (json: TokenizerJson) => void, files = byteLevelFiles()): { tokenizerJson: string } {
  const json = JSON.parse(files.tokenizerJson) as TokenizerJson
  change(json)
  return { tokenizerJson: JSON.stringify(json) }
}
