import type { MetadataValue } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { byteLevelFiles } from '../fixtures.test-support.ts'
import { ggufVocabulary } from '../vocabulary/index.ts'
import { tokenizerFromGguf } from './index.ts'

const good = () => new Map(ggufVocabulary(byteLevelFiles()).metadata)
const strings = (...value: string[]): MetadataValue => ({ type: 'ARRAY', of: 'STRING', value })
const text = (value: string): MetadataValue => ({ type: 'STRING', value })
const number = (value: number): MetadataValue => ({ type: 'UINT32', value })

describe('metadata with', () => {
  test.each<[string, string, MetadataValue | undefined, string]>([
    ['no model', 'tokenizer.ggml.model', undefined, 'tokenizer/malformed'],
    ['a kind nobody implements', 'tokenizer.ggml.model', text('rwkv'), 'tokenizer/unsupported'],
    ['no tokens', 'tokenizer.ggml.tokens', undefined, 'tokenizer/malformed'],
    ['tokens that are numbers', 'tokenizer.ggml.tokens', { type: 'ARRAY', of: 'UINT32', value: [1] }, 'tokenizer/malformed'],
    ['fewer types than tokens', 'tokenizer.ggml.token_type', { type: 'ARRAY', of: 'INT32', value: [1] }, 'tokenizer/malformed'],
    ['scores that are text', 'tokenizer.ggml.scores', strings('a'), 'tokenizer/malformed'],
    ['no merges', 'tokenizer.ggml.merges', undefined, 'tokenizer/malformed'],
    ['a flag that is text', 'tokenizer.ggml.add_bos_token', text('true'), 'tokenizer/malformed'],
    ['an id that is text', 'tokenizer.ggml.bos_token_id', text('1'), 'tokenizer/malformed'],
    ['a pre-tokenizer nobody knows', 'tokenizer.ggml.pre', text('my-own'), 'tokenizer/pre-unknown'],
  ])('%s is refused', (_what, key, value, code) => {
    const metadata = good()
    if (value === undefined) metadata.delete(key)
    else metadata.set(key, value)
    expect(() => tokenizerFromGguf(metadata, 'model.gguf')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('model.gguf') }),
    )
  })

  test('an id beyond the vocabulary names no token, as in llama.cpp', () => {
    const tokenizer = tokenizerFromGguf(good().set('tokenizer.ggml.bos_token_id', number(2 ** 32 - 1)), 'model.gguf')
    expect(tokenizer.special.bos).toBe(11)
  })

  test('merges that say nothing, or make no token, do no harm', () => {
    const merges = good().get('tokenizer.ggml.merges')?.value as readonly string[]
    const metadata = good().set('tokenizer.ggml.merges', strings('', 'x', ' ', 'no such', ...merges))
    const plain = { addSpecialTokens: false }
    expect(tokenizerFromGguf(metadata, 'a').encode('Hello, world', plain)).toEqual(
      tokenizerFromGguf(good(), 'b').encode('Hello, world', plain),
    )
  })
})

test('merges on the way to no token fall apart into characters again', () => {
  const metadata = new Map<string, MetadataValue>([
    ['tokenizer.ggml.model', text('gpt2')],
    ['tokenizer.ggml.pre', text('gpt-2')],
    ['tokenizer.ggml.tokens', strings('a', 'b', 'c', 'abc')],
    ['tokenizer.ggml.merges', strings('a b', 'ab c')],
  ])
  const tokenizer = tokenizerFromGguf(metadata, 'x.gguf')
  expect(tokenizer.encode('abc', { addSpecialTokens: false })).toEqual([3])
  expect(tokenizer.encode('abb', { addSpecialTokens: false })).toEqual([0, 1, 1])
})

test('a file without a pre-tokenizer is cut as llama.cpp does it then', () => {
  const metadata = good()
  metadata.delete('tokenizer.ggml.pre')
  const named = good().set('tokenizer.ggml.pre', text('default'))
  const [a, b] = [metadata, named].map((entries) => tokenizerFromGguf(entries, 'x.gguf').encode('1234 a-b', { addSpecialTokens: false }))
  expect(a).toEqual(b)
})
