// Checkpoints of llama2.c: every version, real ones held against the same weights in other containers.
import type { FsError } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../bytes/memory.ts'
import { fileSource } from '../node/file-source.ts'
import { openPath } from '../node/open-path.ts'
import { ascii, f32, i32, join, u32, zeros } from '../test-support/byte-parts.test-support.ts'
import { contiguousBytes } from '../test-support/contiguous.test-support.ts'
import { noShared, shared } from '../test-support/shared.test-support.ts'
import { readLlama2c } from './read.ts'
import { readLlama2cTokenizer } from './tokenizer.ts'

/** dim 4, hidden 6, 2 layers, 2 heads, 1 kv head, 3 tokens, sequence 5. */
const header = (vocabulary: number) => i32(4, 6, 2, 2, 1, vocabulary, 5)
const perLayer = 4 + 4 + 16 + 8 + 8 + 16 + 24 + 24 + 24
const weights = 12 + 2 * perLayer + 4
const rotary = 5 * 2
const version0 = (vocabulary = 3) => join(header(vocabulary), zeros(4 * (weights + rotary + (vocabulary < 0 ? 12 : 0))))
const version1 = (shared: number) =>
  join(ascii('24ka'), i32(1), header(3), Uint8Array.of(shared), zeros(256 - 37), zeros(4 * (weights + (shared ? 0 : 12))))
/** Levels of the same weights in groups of two, scales behind those of each matrix. */
const version2 = (shared: number, groupSize = 2) => {
  const numbers = weights - 2 * 8 - 4 + (shared ? 0 : 12)
  const norms = 4 * (2 * 8 + 4)
  const data = zeros(norms + numbers + 4 * (numbers / 2))
  return join(ascii('24ka'), i32(2), header(3), Uint8Array.of(shared), i32(groupSize), zeros(256 - 41), data)
}
const open = (bytes: Uint8Array) => readLlama2c(memorySource(bytes, 'model.bin'))
const codeOf = (bytes: Uint8Array) =>
  open(bytes).then(
    () => 'accepted',
    (error: FsError) => error.code,
  )

test('version 0: tensors lie one after the other, the rotary tables are skipped', async () => {
  const { header: found, tensors, version } = await open(version0())
  expect({ version, ...found }).toMatchObject({ version: 0, dim: 4, kvHeads: 1, vocabularySize: 3, sharedClassifier: true })
  expect(tensors.tensors.get('tok_embeddings.weight')).toMatchObject({ offset: 28, shape: [3, 4] })
  expect(tensors.tensors.get('layers.1.attention.wk.weight')).toMatchObject({ offset: 28 + 4 * (12 + 8 + 32 + 8), shape: [2, 4] })
  expect(tensors.tensors.get('layers.0.feed_forward.w2.weight')!.shape).toEqual([4, 6])
  expect(tensors.tensors.has('output.weight')).toBe(false)
})

test('an output matrix of its own comes last', async () => {
  const old = version0(-3)
  expect((await open(old)).tensors.tensors.get('output.weight')).toMatchObject({ shape: [3, 4], offset: old.length - 48 })
  const newer = version1(0)
  expect((await open(newer)).tensors.tensors.get('output.weight')).toMatchObject({ shape: [3, 4], offset: newer.length - 48 })
  expect((await open(version1(1))).header.sharedClassifier).toBe(true)
})

test('version 2: levels and behind them their scales, norms first', async () => {
  const { header: found, tensors, version } = await open(version2(1))
  expect({ version, groupSize: found.groupSize }).toEqual({ version: 2, groupSize: 2 })
  expect(tensors.tensors.get('norm.weight')).toMatchObject({ type: 'F32', offset: 256 + 4 * 16, shape: [4] })
  expect(tensors.tensors.get('tok_embeddings.weight')).toMatchObject({ type: 'I8', offset: 256 + 4 * 20, shape: [3, 4] })
  expect(tensors.tensors.get('tok_embeddings.scales')).toMatchObject({ type: 'F32', offset: 256 + 4 * 20 + 12, shape: [6] })
  expect(tensors.tensors.get('layers.1.attention.wq.weight')).toMatchObject({ offset: 256 + 4 * 20 + 12 + 24 + 16 + 32, shape: [4, 4] })
  expect([...(await open(version2(0))).tensors.tensors.keys()].slice(-2)).toEqual(['output.weight', 'output.scales'])
})

describe('refused', () => {
  test.each<[what: string, code: string, bytes: Uint8Array]>([
    ['nothing', 'llama2c/not-llama2c', zeros(0)],
    ['zeros', 'llama2c/not-llama2c', zeros(1000)],
    ['one byte too few', 'llama2c/not-llama2c', version0().subarray(0, -1)],
    ['one byte too many', 'llama2c/not-llama2c', join(version0(), zeros(1))],
    ['heads that do not divide the width', 'llama2c/not-llama2c', join(i32(4, 6, 2, 3, 1, 3, 5), zeros(2000))],
    ['sizes of 2^31 - 1', 'llama2c/not-llama2c', join(i32(...Array(7).fill(2 ** 31 - 1)), zeros(100))],
    ['a million layers', 'llama2c/not-llama2c', join(i32(4, 6, 2 ** 20, 2, 1, 3, 5), zeros(100))],
    ['version 1 cut short', 'llama2c/not-llama2c', version1(1).subarray(0, 200)],
    ['version 2 of nothing', 'llama2c/not-llama2c', join(ascii('24ka'), i32(2), zeros(300))],
    ['version 2 in groups of none', 'llama2c/not-llama2c', version2(1, 0)],
    ['version 2 in groups of less than none', 'llama2c/not-llama2c', version2(1, -2)],
    ['version 2 in groups that do not divide the width', 'llama2c/not-llama2c', version2(1, 3)],
    ['version 2 one byte short', 'llama2c/not-llama2c', version2(1).subarray(0, -1)],
    ['version 2 cut in its header', 'llama2c/not-llama2c', version2(1).subarray(0, 40)],
    ['version 9', 'llama2c/version', join(ascii('24ka'), i32(9), zeros(300))],
  ])('%s: %s', async (_what, code, bytes) => {
    expect(await codeOf(bytes)).toBe(code)
  })

  test.each<[what: string, bytes: Uint8Array]>([
    ['nothing', zeros(0)],
    ['a token longer than the longest', join(u32(1), f32(0), u32(2), ascii('ab'))],
    ['a token longer than the file', join(u32(9), f32(0), u32(5), ascii('ab'))],
    ['half a token', join(u32(9), f32(0))],
  ])('a tokenizer of %s', async (_what, bytes) => {
    await expect(readLlama2cTokenizer(memorySource(bytes, 'tokenizer.bin'))).rejects.toMatchObject({ code: 'llama2c/tokenizer' })
  })
})

describe.skipIf(noShared)('stories260K (needs ../shared)', () => {
  const folder = 'realdata/stories260k-llama2c'

  test('both versions hold the same weights as the GGUF file', async () => {
    const gguf = await openPath(shared('realdata/stories260k-gguf/stories260K.gguf'))
    const names = [
      ['tok_embeddings.weight', 'token_embd.weight'],
      ['layers.4.attention.wv.weight', 'blk.4.attn_v.weight'],
      ['layers.2.feed_forward.w1.weight', 'blk.2.ffn_gate.weight'],
      ['layers.2.feed_forward.w2.weight', 'blk.2.ffn_down.weight'],
      ['layers.3.ffn_norm.weight', 'blk.3.ffn_norm.weight'],
      ['norm.weight', 'output_norm.weight'],
    ] as const
    for (const file of ['stories260K.bin', 'checkpoint_v1.bin']) {
      const checkpoint = await openPath(shared(`${folder}/${file}`))
      expect([checkpoint.container, checkpoint.tensors.tensors.size]).toEqual(['llama2c', 47])
      expect(checkpoint.metadata?.get('llama2c.n_kv_heads')?.value).toBe(4)
      for (const [meta, ggufName] of names) {
        expect(Buffer.compare(await contiguousBytes(checkpoint.tensors, meta), await contiguousBytes(gguf.tensors, ggufName))).toBe(0)
      }
      await checkpoint.close()
    }
    await gguf.close()
  })

  test('the tokenizer has 512 tokens', async () => {
    const source = await fileSource(shared(`${folder}/tok512.bin`))
    const { tokens, scores, maxTokenLength } = await readLlama2cTokenizer(source)
    expect([tokens.length, scores.length, maxTokenLength]).toEqual([512, 512, 7])
    expect(tokens.slice(260, 263).map((token) => new TextDecoder().decode(token))).toEqual(['he', ' a', ' s'])
    await source.close()
  })
})
