import type { Json } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { fixtureText } from '../fixtures.test-support.ts'
import { toByteCharacters } from '../text/byte-alphabet.ts'
import { readNormalizer } from './normalizer.ts'
import { readPreTokenizer } from './pre-tokenizer.ts'
import { readerOf } from './reader.ts'
import { tokenizerFromJson } from './tokenizer-json.ts'

type Stage = { readonly type: string; readonly [key: string]: Json }
type Result = {
  readonly text: string
  readonly ids: number[]
  readonly plain: number[]
  readonly decoded: string
  readonly spelled: string
}

// By `fixtures/make-stages.py`, with the Rust library behind huggingface/tokenizers.
const { texts, normalizers, preTokenizers, models } = JSON.parse(fixtureText('stages.json')) as {
  texts: string[]
  normalizers: { stage: Stage; results: string[] }[]
  preTokenizers: { stage: Stage; results: string[][] }[]
  models: { name: string; json: Json; results: Result[] }[]
}

const named = <Row extends { readonly stage: Stage }>(rows: readonly Row[]) =>
  rows.map((row) => [JSON.stringify(row.stage).slice(0, 120), row] as const)

test.each(named(normalizers))('normalizer %s', (_name, { stage, results }) => {
  const normalize = readNormalizer(readerOf(stage, 'stage'))
  texts.forEach((text, index) => {
    expect(normalize(text), JSON.stringify(text)).toBe(results[index])
  })
})

test.each(named(preTokenizers))('pre-tokenizer %s', (_name, { stage, results }) => {
  const { words, byteLevel } = readPreTokenizer(readerOf(stage, 'stage'))
  texts.forEach((text, index) => {
    // The library shows words in the byte alphabet where the model would apply it.
    const shown = words(text, 0).map((word) => (byteLevel ? toByteCharacters(word) : word))
    expect(shown.filter(Boolean), JSON.stringify(text)).toEqual(results[index])
  })
})

describe.each(models)('a tokenizer with $name', ({ json, results }) => {
  const tokenizer = tokenizerFromJson({ tokenizerJson: JSON.stringify(json) })
  test.each(results)('gives $ids for $text', ({ text, ids, plain, decoded, spelled }) => {
    expect(tokenizer.encode(text, { addSpecialTokens: true, parseSpecial: true })).toEqual(ids)
    expect(tokenizer.encode(text, { addSpecialTokens: false, parseSpecial: true })).toEqual(plain)
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(decoded)
    expect(tokenizer.decode(ids)).toBe(spelled)
  })
})
