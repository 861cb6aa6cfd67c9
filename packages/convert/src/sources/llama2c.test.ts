// Checkpoints of llama2.c and the tokenizers beside them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FsError } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { openPath } from '@fs/formats/node'
import { describe, expect, test } from 'vitest'
import { converted, numbersOf } from './converted.test-support.ts'

const i32 = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer)
const f32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
const join8 = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

const SIZES = { dim: 4, hidden: 6, layers: 1, heads: 1, keyValueHeads: 1, tokens: 261, context: 8 }

/** A version 0 file whose numbers count up, so that each is where it belongs or visibly not. */
function checkpoint(): Uint8Array {
  const { dim, hidden, layers, heads, keyValueHeads, tokens, context } = SIZES
  const weights = tokens * dim + layers * (2 * dim + 4 * dim * dim + 3 * dim * hidden) + dim
  const numbers = Float32Array.from({ length: weights + 2 * context * (dim / heads / 2) }, (_, index) => index)
  return join8(i32(dim, hidden, layers, heads, keyValueHeads, tokens, context), new Uint8Array(numbers.buffer))
}

/** `<unk>`, `<s>`, `</s>`, the 256 bytes, and the tokens given. */
function tokenizer(...tokens: readonly string[]): Uint8Array {
  const encode = (text: string) => new TextEncoder().encode(text)
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
  const entries = ['<unk>', '<s>', '</s>', ...bytes, ...tokens].map((text, id) => join8(f32(-id), i32(encode(text).length), encode(text)))
  return join8(i32(6), ...entries)
}

const folder = (files: { readonly [name: string]: Uint8Array }) => fileFolder('stories', new Map(Object.entries(files)))
const open = (files: { readonly [name: string]: Uint8Array }) => openCheckpoint(folder(files), 'model.bin')

/** The same in version 2: levels that count up, and a scale of 2 to the power of its group. */
function quantized(): Uint8Array {
  const { dim, hidden, layers, heads, keyValueHeads, tokens, context } = SIZES
  const norms = f32(...Array.from({ length: layers * 2 * dim + dim }, (_, index) => index))
  const matrices = [tokens * dim, ...Array(4).fill(dim * dim), ...Array(3).fill(dim * hidden)] as number[]
  const parts = matrices.flatMap((numbers) => [
    Uint8Array.from({ length: numbers }, (_, index) => (index % 256) - 128),
    f32(...Array.from({ length: numbers / GROUP }, (_, group) => 2 ** -(group % 8))),
  ])
  const header = join8(i32(0x616b3432, 2, dim, hidden, layers, heads, keyValueHeads, tokens, context), Uint8Array.of(1), i32(GROUP))
  return join8(header, new Uint8Array(256 - header.length), norms, ...parts)
}

const GROUP = 4

describe('version 2', () => {
  const files = () => ({ 'model.bin': quantized(), 'tok261.bin': tokenizer(' a', 'b') })

  test('levels are given their scales, in groups that run on from row to row', async () => {
    const made = await converted(await open(files()))
    const expected = Array.from(
      { length: SIZES.dim * SIZES.hidden },
      (_, index) => ((index % 256) - 128) * 2 ** -(Math.floor(index / GROUP) % 8),
    )
    // w2 has rows of six, groups have four.
    expect(numbersOf(made, 'blk.0.ffn_down.weight')).toEqual(expected)
    expect(numbersOf(made, 'blk.0.ffn_norm.weight')).toEqual([4, 5, 6, 7])
    expect(numbersOf(made, 'token_embd.weight').slice(0, 8)).toEqual([-128, -127, -126, -125, -62, -61.5, -61, -60.5])
    expect(made.tensors['output.weight']).toBeUndefined()
    expect(made.metadata.get('llama.context_length')?.value).toBe(8)
  })

  test('cut short, it is refused before anything is made', async () => {
    const cut = files()['model.bin'].subarray(0, -4)
    await expect(open({ ...files(), 'model.bin': cut })).rejects.toMatchObject({ code: 'llama2c/not-llama2c' })
  })
})

describe('a file and a tokenizer beside it', () => {
  test('every number comes where run.c reads it, rope rows and vocabulary included', async () => {
    const made = await converted(await open({ 'model.bin': checkpoint(), 'tok261.bin': tokenizer(' a', 'b') }))
    const afterEmbedding = 4 * SIZES.tokens
    expect(numbersOf(made, 'token_embd.weight').slice(0, 3)).toEqual([0, 1, 2])
    expect(numbersOf(made, 'blk.0.attn_norm.weight')).toEqual([0, 1, 2, 3].map((index) => afterEmbedding + index))
    // Meta's layout is what llama.cpp's llama wants, so queries are not moved.
    expect(numbersOf(made, 'blk.0.attn_q.weight')).toEqual(Array.from({ length: 16 }, (_, index) => afterEmbedding + 4 + index))
    expect(made.metadata.get('llama.attention.layer_norm_rms_epsilon')?.value).toBeCloseTo(1e-5, 12)
    expect(made.metadata.get('llama.context_length')?.value).toBe(8)
    const tokens = made.metadata.get('tokenizer.ggml.tokens')!.value as readonly string[]
    expect([tokens.length, tokens[259], tokens[260]]).toEqual([261, '▁a', 'b'])
  })

  test('a tokenizer with another number of tokens is another model’s', async () => {
    const made = await converted(
      await open({ 'model.bin': checkpoint(), 'tok1.bin': tokenizer(' a'), 'tokenizer.bin': tokenizer(' a', 'b') }),
    )
    expect((made.metadata.get('tokenizer.ggml.tokens')!.value as readonly string[])[260]).toBe('b')
    const without = open({ 'model.bin': checkpoint(), 'tok1.bin': tokenizer(' a') }).then((found) => converted(found))
    await expect(without).rejects.toMatchObject({ code: 'convert/tokenizer-missing' })
  })

  test('a damaged tokenizer is named', async () => {
    const damaged = open({ 'model.bin': checkpoint(), 'tokenizer.bin': tokenizer('b').subarray(0, -1) }).then((found) => converted(found))
    const error = await damaged.then(
      () => undefined,
      (cause: FsError) => cause,
    )
    expect(error).toMatchObject({ code: 'llama2c/tokenizer', message: expect.stringContaining('tokenizer.bin') })
  })
})

const shared = fileURLToPath(new URL('../../../../../shared/realdata/', import.meta.url))

describe.skipIf(!existsSync(shared))('stories260K (needs ../shared)', () => {
  test.each(['stories260K.bin', 'checkpoint_v1.bin'])('%s gives what the same weights give from Hugging Face’s form', async (file) => {
    const made = await converted(await openPath(join(shared, 'stories260k-llama2c', file)))
    const reference = await converted(await openPath(join(shared, 'stories260k-hf')))
    expect(made.tensors).toEqual(reference.tensors)
    for (const key of ['tokens', 'scores', 'token_type', 'bos_token_id', 'eos_token_id', 'unknown_token_id'])
      expect(made.metadata.get(`tokenizer.ggml.${key}`), key).toEqual(reference.metadata.get(`tokenizer.ggml.${key}`))
    for (const [key, value] of reference.metadata) if (key.startsWith('llama.')) expect(made.metadata.get(key), key).toEqual(value)
  })
})
