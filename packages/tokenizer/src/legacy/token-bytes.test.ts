import { describe, expect, test } from 'vitest'
import { readMetadata } from '../gguf/metadata.test-support.ts'
import { tokenizerFromGguf } from '../gguf/tokenizer.ts'
import { tokenizerFromJson } from '../huggingface/tokenizer-json.ts'
import { PROBE_TEXTS } from '../pre-tokenizers/probe-texts.ts'
import { tokenizerFromSentencePiece } from '../sentencepiece/tokenizer.ts'
import { hasShared, sharedBytes, sharedText, WITHOUT_SHARED } from '../shared.test-support.ts'
import { fromByteCharacters } from '../text/byte-alphabet.ts'
import { ggufVocabularyFromScoredTokens, jsonFromTokenBytes } from './token-bytes.ts'

/** Entries of length and bytes, a score before (llama2.c) or behind (ggmf, ggjt) each. */
function readEntries(bytes: Uint8Array, start: number, count: number, score: 'before' | 'behind') {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [tokens, scores] = [[] as Uint8Array[], [] as number[]]
  for (let at = start; at < bytes.length && tokens.length < count; ) {
    const length = view.getInt32(score === 'before' ? at + 4 : at, true)
    scores.push(view.getFloat32(score === 'before' ? at : at + 4 + length, true))
    const from = at + (score === 'before' ? 8 : 4)
    tokens.push(bytes.slice(from, from + length))
    at += 8 + length
  }
  return { tokens, scores }
}

/** Magic, version and seven hyperparameters of ggmf and ggjt. */
const HEADER = 9 * 4

const plain = { addSpecialTokens: false }

test.skipIf(!hasShared('realdata/stories260k-llama2c'))(`llama2.c's tok512.bin encodes as tok512.model does (${WITHOUT_SHARED})`, () => {
  const { tokens, scores } = readEntries(sharedBytes('realdata/stories260k-llama2c/tok512.bin')!, 4, 512, 'before')
  const made = tokenizerFromGguf(ggufVocabularyFromScoredTokens(tokens, scores, 'tok512.bin'), 'tok512.bin')
  const model = tokenizerFromSentencePiece({ tokenizerModel: sharedBytes('realdata/stories260k-llama2c/tok512.model')! })
  // The model merges runs of spaces, which the .bin does not say.
  for (const text of PROBE_TEXTS.map((probe) => probe.replace(/ +/g, ' ').trim())) {
    expect(made.encode(text, plain), text).toEqual(model.encode(text, plain))
  }
})

describe.skipIf(!hasShared('realdata/llamacpp-legacy-ggml-vocab'))(`files of before GGUF (${WITHOUT_SHARED})`, () => {
  const folder = 'realdata/llamacpp-legacy-ggml-vocab'
  const modern = () => readMetadata(sharedBytes('realdata/llamacpp-vocab-gguf/ggml-vocab-llama-spm.gguf')!)

  test.each(['ggml-vocab-llama-c1a3194c.bin', 'ggml-vocab-38f63493.bin', 'ggml-vocab-3651f708.bin'])(
    '%s has the tokens of today’s Llama vocabulary',
    (file) => {
      const { tokens, scores } = readEntries(sharedBytes(`${folder}/${file}`)!, HEADER, 32000, 'behind')
      expect(tokens).toHaveLength(32000)
      const made = ggufVocabularyFromScoredTokens(tokens, scores, file)
      expect(made.get('tokenizer.ggml.tokens')).toEqual(modern().get('tokenizer.ggml.tokens'))
      expect(made.get('tokenizer.ggml.token_type')).toEqual(modern().get('tokenizer.ggml.token_type'))
    },
  )

  test('a vocabulary that is not SentencePiece’s is refused', () => {
    const { tokens, scores } = readEntries(sharedBytes(`${folder}/ggml-vocab-aquila-e06b39b5.bin`)!, HEADER, 100008, 'behind')
    expect(() => ggufVocabularyFromScoredTokens(tokens, scores, 'aquila')).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/unsupported|malformed/) }),
    )
  })
})

test.skipIf(!hasShared('realdata/tokenizers/gpt2'))(`GPT-2's merges come back from its tokens alone (${WITHOUT_SHARED})`, () => {
  const tokenizerJson = sharedText('realdata/tokenizers/gpt2/tokenizer.json')!
  const { model } = JSON.parse(tokenizerJson) as { model: { vocab: Record<string, number> } }
  const tokens = Object.entries(model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => fromByteCharacters(token)!)
  const made = tokenizerFromJson({ tokenizerJson: jsonFromTokenBytes(tokens, 'gpt2.bin') })
  const { encode } = JSON.parse(sharedText('realdata/tokenizers/gpt2/reference.json')!) as { encode: { text: string; ids: number[] }[] }
  for (const { text, ids } of encode) expect(made.encode(text, { addSpecialTokens: false, parseSpecial: true }), text).toEqual(ids)
})

test('tokens that are not byte-level, or occur twice, are refused', () => {
  const letters = ['a', 'b'].map((text) => new TextEncoder().encode(text))
  expect(() => jsonFromTokenBytes(letters, 'x.bin')).toThrow(expect.objectContaining({ code: 'tokenizer/unsupported' }))
  expect(() => jsonFromTokenBytes([...letters, letters[0]!], 'x.bin')).toThrow(
    expect.objectContaining({ code: 'tokenizer/duplicate-token' }),
  )
})
