import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { spacedFiles } from '../fixtures.test-support.ts'
import { openTokenizer } from '../open.ts'
import { PROBE_TEXTS } from '../pre-tokenizers/probe-texts.ts'
import { readSentencePieceModel } from '../sentencepiece/model-file.ts'
import { hasShared, sharedFiles, WITHOUT_SHARED } from '../shared.test-support.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { ggufVocabulary } from '../vocabulary/index.ts'
import { tokenizerFilesFromGguf, tokenizerFilesFromModel } from './index.ts'

const idsOf = (tokenizer: Tokenizer) => PROBE_TEXTS.map((text) => tokenizer.encode(text, { addSpecialTokens: true }))
/** A tokenizer.model of our own making, from the fixture's tokenizer.json. */
const ownModel = () => tokenizerFilesFromGguf(ggufVocabulary(spacedFiles()).metadata, 'model.gguf').tokenizerModel!

test('a tokenizer.model alone becomes a tokenizer.json with its ids', () => {
  const files = { tokenizerModel: ownModel() }
  const written = tokenizerFilesFromModel(files)
  expect(idsOf(openTokenizer(written))).toEqual(idsOf(openTokenizer(files)))
  expect(written.notes).toEqual([])
  expect(JSON.parse(written.tokenizerConfig)).toMatchObject({
    bos_token: '<s>',
    eos_token: '</s>',
    tokenizer_class: 'PreTrainedTokenizerFast',
  })
})

test('tokens of the JSON files beside it are added, and theirs stay as they are', () => {
  const size = readSentencePieceModel(ownModel()).pieces.length
  const tokenizerConfig = JSON.stringify({
    legacy: false,
    added_tokens_decoder: { [size + 1]: { content: '<|user|>', special: true }, [size]: { content: 'word', special: false } },
  })
  const files = { tokenizerModel: ownModel(), tokenizerConfig }
  const written = tokenizerFilesFromModel(files)
  const text = 'a word<|user|>a word'
  const options = { addSpecialTokens: true, parseSpecial: true }
  expect(openTokenizer(written).encode(text, options)).toEqual(openTokenizer(files).encode(text, options))
  expect(written.tokenizerConfig).toBe(tokenizerConfig)
})

test('older forms are brought to tokenizer.json too', () => {
  const vocabularyJson = JSON.stringify({ a: 0, b: 1, ab: 2, '<|endoftext|>': 3 })
  const written = tokenizerFilesFromModel({ vocabularyJson, mergesText: 'a b\n' })
  expect(openTokenizer(written).encode('ab', { addSpecialTokens: false })).toEqual([2])
  expect(() => tokenizerFilesFromModel({})).toThrow(expect.objectContaining({ code: 'tokenizer/no-files' }))
})

describe.skipIf(!hasShared('fixtures/models'))(
  `SentencePiece files and the tokenizer.json transformers made of them (${WITHOUT_SHARED})`,
  () => {
    test.each(['llama-2', 'mistral', 'gemma-2', 'gemma-3', 'phi-3'])('%s: the same stages, merges and ids', (name) => {
      const { tokenizerJson, ...files } = sharedFiles(`fixtures/models/${name}`)
      const made = tokenizerFilesFromModel(files)
      const written = JSON.parse(made.tokenizerJson)
      const reference = JSON.parse(tokenizerJson as string)
      expect(written.post_processor.single).toEqual(reference.post_processor.single)
      for (const stage of ['normalizer', 'pre_tokenizer', 'decoder']) expect(written[stage], stage).toEqual(reference[stage])
      // Cuts of one token have one score; which of them stands first has no effect, and two versions of transformers differ in it.
      expect(written.model.merges.map(String).sort()).toEqual(reference.model.merges.map(String).sort())
      expect(written.model.vocab).toEqual(reference.model.vocab)
      expect(idsOf(openTokenizer(made))).toEqual(idsOf(openTokenizer({ ...files, tokenizerJson: tokenizerJson! })))
      expect(made.notes).toEqual([])
    })
  },
)

describe.skipIf(!hasShared('realdata/stories260k-llama2c'))(`a tokenizer.model with nothing beside it (${WITHOUT_SHARED})`, () => {
  test('stories260k’s tok512.model', () => {
    const tokenizerModel = new Uint8Array(
      readFileSync(new URL('../../../../../shared/realdata/stories260k-llama2c/tok512.model', import.meta.url)),
    )
    const written = tokenizerFilesFromModel({ tokenizerModel })
    expect(idsOf(openTokenizer(written))).toEqual(idsOf(openTokenizer({ tokenizerModel })))
  })
})
