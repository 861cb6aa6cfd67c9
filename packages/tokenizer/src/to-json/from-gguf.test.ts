import type { MetadataValue } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { byteLevelFiles, spacedFiles, wordPieceFiles } from '../fixtures.test-support.ts'
import { readMetadata } from '../gguf/metadata.test-support.ts'
import { tokenizerFromGguf } from '../gguf/tokenizer.ts'
import { openTokenizer } from '../open.ts'
import { PRE_TOKENIZERS, type PreTokenizer } from '../pre-tokenizers/names.ts'
import { PROBE_TEXTS } from '../pre-tokenizers/probe-texts.ts'
import { hasShared, sharedBytes, sharedText, WITHOUT_SHARED } from '../shared.test-support.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { ggufVocabulary } from '../vocabulary/index.ts'
import { tokenizerFilesFromGguf } from './index.ts'

const idsOf = (tokenizer: Tokenizer) => PROBE_TEXTS.map((text) => tokenizer.encode(text, { addSpecialTokens: true }))
const string = (value: string): MetadataValue => ({ type: 'STRING', value })
const strings = (...value: string[]): MetadataValue => ({ type: 'ARRAY', of: 'STRING', value })
const integers = (...value: number[]): MetadataValue => ({ type: 'ARRAY', of: 'INT32', value })
const floats = (...value: number[]): MetadataValue => ({ type: 'ARRAY', of: 'FLOAT32', value })
const id = (value: number): MetadataValue => ({ type: 'UINT32', value })

describe.each([
  ['byte-level', byteLevelFiles()],
  ['spaced', spacedFiles()],
  ['word-piece', wordPieceFiles()],
])('a %s vocabulary that went through a GGUF', (name, files) => {
  const { metadata } = ggufVocabulary(files)
  const written = tokenizerFilesFromGguf(metadata, 'model.gguf')
  const [before, after] = [openTokenizer(files), openTokenizer(written)]

  test('comes back as a tokenizer.json with the same ids and texts, and nothing to say', () => {
    expect(idsOf(after)).toEqual(idsOf(before))
    for (const ids of idsOf(before)) expect(after.decode(ids)).toBe(before.decode(ids))
    expect(written.notes).toEqual([])
  })

  test('has the same special tokens', () => {
    for (const role of ['bos', 'eos', 'unk', 'pad', 'cls', 'sep', 'mask'] as const) {
      if (before.special[role] !== undefined) expect(after.special[role], role).toBe(before.special[role])
    }
    for (let token = 0; token < before.vocabularySize; token++) expect(after.isSpecial(token)).toBe(before.isSpecial(token))
  })

  test('gives the same GGUF vocabulary again', () => {
    // SentencePiece's unknown token is an unknown one when it comes from a tokenizer.model, and a control token from a tokenizer.json.
    const types = metadata.get('tokenizer.ggml.token_type')!.value as number[]
    const expected = new Map(metadata)
    if (name === 'spaced') expected.set('tokenizer.ggml.token_type', integers(...types.with(before.special.unk!, 2)))
    expect([...ggufVocabulary(written).metadata]).toEqual([...expected])
  })
})

describe('each way of cutting words', () => {
  const { metadata } = ggufVocabulary(byteLevelFiles())
  // llama.cpp has no cases of letters and only ASCII in \d, so published patterns that have them cut some texts otherwise.
  const otherwise = new Set(['tiny_aya', 'cohere2moe'])
  const names = Object.entries<PreTokenizer>(PRE_TOKENIZERS).flatMap(([name, { spaced }]) => (spaced ? [] : [name]))

  test.each(names)('%s gives the ids of the GGUF', (name) => {
    const { notes, ...files } = tokenizerFilesFromGguf(new Map(metadata).set('tokenizer.ggml.pre', string(name)), 'model.gguf')
    const normal = JSON.parse(files.tokenizerJson).normalizer?.type === 'NFC'
    expect(notes.some((note) => note.includes('probe texts'))).toBe(otherwise.has(name))
    expect(notes.some((note) => note.includes('NFC'))).toBe(normal)
    expect(openTokenizer(files).encode('Hello, world 12', { addSpecialTokens: false }).length).toBeGreaterThan(3)
  })
})

describe('vocabularies tokenizer.json cannot hold as they are', () => {
  const bytePair = (more: Record<string, MetadataValue>) =>
    new Map<string, MetadataValue>(
      Object.entries({
        'tokenizer.ggml.model': string('gpt2'),
        'tokenizer.ggml.pre': string('gpt-2'),
        'tokenizer.ggml.tokens': strings('a', 'b', 'ab', '<|end|>', 'c', '[PAD5]', '<|x|>', '[PAD7]'),
        'tokenizer.ggml.token_type': integers(1, 1, 1, 3, 1, 5, 3, 5),
        'tokenizer.ggml.merges': strings('a b'),
        ...more,
      }),
    )

  test('llama.cpp’s default for a bos that a file does not name is no special token', () => {
    const tokens = Array.from({ length: 20 }, (_, index) => String.fromCharCode(0x41 + index))
    const plain = bytePair({ 'tokenizer.ggml.tokens': strings(...tokens), 'tokenizer.ggml.token_type': integers(...tokens.map(() => 1)) })
    const { tokenizerConfig } = tokenizerFilesFromGguf(plain, 'm.gguf')
    expect(tokenizerFromGguf(plain, 'm.gguf').special.bos).toBe(11)
    expect(JSON.parse(tokenizerConfig).bos_token).toBeUndefined()
  })

  test('padding keeps its place between tokens and is dropped behind them', () => {
    const { tokenizerJson } = tokenizerFilesFromGguf(bytePair({}), 'model.gguf')
    const { model, added_tokens: added } = JSON.parse(tokenizerJson)
    expect(model.vocab).toEqual({ a: 0, b: 1, ab: 2, '<|end|>': 3, c: 4, '[PAD5]': 5 })
    expect(added.map((token: { id: number; content: string }) => [token.id, token.content])).toEqual([
      [3, '<|end|>'],
      [6, '<|x|>'],
    ])
  })

  test('padding of old converters, which called it unknown, is padding too', () => {
    const old = bytePair({ 'tokenizer.ggml.token_type': integers(1, 1, 1, 3, 1, 2, 3, 2) })
    expect(tokenizerFilesFromGguf(old, 'm.gguf').tokenizerJson).toBe(tokenizerFilesFromGguf(bytePair({}), 'm.gguf').tokenizerJson)
  })

  test('merges that need texts that are no tokens are left out and counted', () => {
    const { notes, tokenizerJson } = tokenizerFilesFromGguf(
      bytePair({ 'tokenizer.ggml.merges': strings('a b', 'ab q', '', 'x') }),
      'm.gguf',
    )
    expect(JSON.parse(tokenizerJson).model.merges).toEqual([['a', 'b']])
    expect(notes[0]).toBe('3 of 4 merges are left out, since they need texts that are no tokens.')
  })

  test('of two ids with one text the last keeps it', () => {
    const twice = bytePair({ 'tokenizer.ggml.tokens': strings('a', 'b', 'ab', '<|end|>', 'a', '[PAD5]', '<|x|>', '[PAD7]') })
    const { notes, tokenizerJson } = tokenizerFilesFromGguf(twice, 'm.gguf')
    expect(JSON.parse(tokenizerJson).model.vocab).toEqual({ '[PAD0]': 0, b: 1, ab: 2, '<|end|>': 3, a: 4, '[PAD5]': 5 })
    expect(notes[0]).toContain('Ids 0 and 4 are both "a"')
  })

  test('kinds transformers has no tokenizer.json for are refused', () => {
    expect(() => tokenizerFilesFromGguf(bytePair({ 'tokenizer.ggml.model': string('rwkv') }), 'm.gguf')).toThrow(
      expect.objectContaining({ code: 'tokenizer/unsupported' }),
    )
  })
})

describe('a unigram vocabulary', () => {
  const metadata = new Map<string, MetadataValue>([
    ['tokenizer.ggml.model', string('t5')],
    ['tokenizer.ggml.tokens', strings('<pad>', '</s>', '<unk>', '▁', '▁a', 'b', 'ab', '▁ab', '[PAD8]')],
    ['tokenizer.ggml.scores', floats(0, 0, 0, -2, -3, -4, -5, -6, -10000)],
    ['tokenizer.ggml.token_type', integers(3, 3, 2, 1, 1, 1, 1, 1, 5)],
    ['tokenizer.ggml.eos_token_id', id(1)],
    ['tokenizer.ggml.unknown_token_id', id(2)],
    ['tokenizer.ggml.remove_extra_whitespaces', { type: 'BOOL', value: true }],
  ])
  const written = tokenizerFilesFromGguf(metadata, 't5.gguf')

  test('is written as one, with its end token behind texts', () => {
    const { model, normalizer, pre_tokenizer: cut } = JSON.parse(written.tokenizerJson)
    expect(model).toMatchObject({ type: 'Unigram', unk_id: 2, byte_fallback: false })
    expect(model.vocab).toHaveLength(8)
    expect(normalizer.normalizers.map((stage: { type: string }) => stage.type)).toEqual(['Replace', 'Replace'])
    expect(cut).toMatchObject({ type: 'Metaspace', prepend_scheme: 'always' })
    expect(openTokenizer(written).encode('ab  b', { addSpecialTokens: true })).toEqual(
      tokenizerFromGguf(metadata, 't5.gguf').encode('ab  b', { addSpecialTokens: true }),
    )
  })

  test('gives the same scores again through its tokenizer.model', () => {
    const { metadata: again } = ggufVocabulary(written, { rows: 9 })
    for (const key of ['tokens', 'scores', 'token_type'])
      expect(again.get(`tokenizer.ggml.${key}`)?.value).toEqual(metadata.get(`tokenizer.ggml.${key}`)?.value)
  })
})

describe.skipIf(!hasShared('realdata/llamacpp-vocab-gguf'))(`vocabularies of llama.cpp's tests (${WITHOUT_SHARED})`, () => {
  const folder = 'realdata/llamacpp-vocab-gguf'
  test.each(['bert-bge', 'deepseek-coder', 'falcon', 'gemma-4', 'gpt-2', 'llama-bpe', 'llama-spm', 'phi-3', 'qwen35', 'starcoder'])(
    '%s gives llama.cpp’s ids from tokenizer.json too, texts in the same normal form',
    (name) => {
      const file = `ggml-vocab-${name}.gguf`
      const written = tokenizerFilesFromGguf(readMetadata(sharedBytes(`${folder}/${file}`)!), file)
      const normal = JSON.parse(written.tokenizerJson).normalizer?.type === 'NFC'
      const tokenizer = openTokenizer(written)
      const texts = sharedText(`${folder}/${file}.inp`)!.split('\n__ggml_vocab_test__\n').slice(0, -1)
      const lines = sharedText(`${folder}/${file}.out`)!.split('\n')
      texts.forEach((text, index) => {
        if (normal && text !== text.normalize('NFC')) return
        const ids = lines[index]!.trim().split(/\s+/).filter(Boolean).map(Number)
        expect(tokenizer.encode(text, { addSpecialTokens: false }), JSON.stringify(text)).toEqual(ids)
      })
    },
    30_000,
  )
})
