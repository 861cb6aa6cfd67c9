import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tokenizerFromJson } from '../huggingface/tokenizer-json.ts'
import { PROBE_TEXTS } from '../pre-tokenizers/probe-texts.ts'
import { hasShared, sharedFiles, WITHOUT_SHARED } from '../shared.test-support.ts'
import { tokenizerFromSentencePiece } from './tokenizer.ts'

const folders = ['llama-2', 'mistral', 'phi-3', 'gemma-2', 'gemma-3'].map((name) => `fixtures/models/${name}`)

describe.skipIf(!hasShared('fixtures/models'))(`folders with both files (${WITHOUT_SHARED})`, () => {
  test.each(folders)('%s: tokenizer.model gives the ids of tokenizer.json', (folder) => {
    const files = sharedFiles(folder)
    const fromModel = tokenizerFromSentencePiece(files as { tokenizerModel: Uint8Array })
    const fromJson = tokenizerFromJson(files as { tokenizerJson: string })
    for (const text of PROBE_TEXTS) {
      const ids = fromJson.encode(text, { addSpecialTokens: true, parseSpecial: true })
      expect(fromModel.encode(text, { addSpecialTokens: true, parseSpecial: true }), text).toEqual(ids)
      expect(fromModel.decode(ids)).toBe(fromJson.decode(ids))
    }
  })
})

test.skipIf(!hasShared('realdata/stories260k-hf'))(
  `stories260k merges spaces, as its tokenizer.model says and its tokenizer.json does not (${WITHOUT_SHARED})`,
  () => {
    const files = sharedFiles('realdata/stories260k-hf')
    const fromModel = tokenizerFromSentencePiece(files as { tokenizerModel: Uint8Array })
    const fromJson = tokenizerFromJson(files as { tokenizerJson: string })
    const framed = { addSpecialTokens: true }
    const single = PROBE_TEXTS.map((text) => text.replace(/ +/g, ' ').trim())
    for (const text of single) expect(fromModel.encode(text, framed)).toEqual(fromJson.encode(text, framed))
    expect(fromModel.encode(' a   b ', framed)).toEqual(fromModel.encode('a b', framed))
  },
)

// Models and ids by `fixtures/make-sentencepiece.py`, with the Python package of SentencePiece itself.
describe('SentencePiece itself', () => {
  const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url))
  const { models } = JSON.parse(fixture('sentencepiece.json').toString('utf8')) as {
    models: Record<string, { text: string; ids: number[]; decoded: string }[]>
  }
  test.each(Object.keys(models))('%s: ids of every text are equal', (name) => {
    const tokenizer = tokenizerFromSentencePiece({ tokenizerModel: new Uint8Array(fixture(`${name}.model`)) })
    for (const { text, ids } of models[name]!) expect(tokenizer.encode(text, { addSpecialTokens: false }), text).toEqual(ids)
  })
})
