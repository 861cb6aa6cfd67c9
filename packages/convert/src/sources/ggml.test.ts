// Files of before GGUF become what the same weights become from Hugging Face's form, family by family.
import { q4_0 } from '@fs/quant/types/q4_0'
import { describe, expect, test } from 'vitest'
import { converted, opened } from './converted.test-support.ts'
import {
  asF32,
  FAMILIES,
  type Family,
  type GgmlOptions,
  ggmlCheckpoint,
  ggmlOf,
  huggingFaceOf,
  type Matrix,
  matricesOf,
  ROWS,
  TOKENS,
} from './ggml-families.test-support.ts'
import { json, text } from './in-memory.test-support.ts'

describe.each(FAMILIES.map((family) => [family.model, family] as const))('%s', (model, family) => {
  test('tensors, keys and vocabulary equal those of the same weights in Hugging Face’s form', async () => {
    const made = await converted(await ggmlOf(family))
    const reference = await converted(await huggingFaceOf(family))
    expect(made.tensors).toEqual(reference.tensors)
    const own = (key: string) => !key.startsWith('general.')
    // BLOOM's special tokens are others, which this vocabulary lacks.
    const keys = [...reference.metadata].filter(([key]) => own(key) && !(model === 'bloom' && key.endsWith('_token_id')))
    for (const [key, value] of keys) expect(made.metadata.get(key), key).toEqual(value)
    expect(made.metadata.get('tokenizer.ggml.pre')?.value).toBe(
      { gpt2: 'gpt-2', gptneox: 'olmo', gptj: 'gpt-2', mpt: 'mpt', bloom: 'bloom', llama: '' }[model],
    )
  })
})

test('GPT-J becomes a GGUF, and it is said that nothing loads it', async () => {
  const made = await converted(await ggmlOf(FAMILIES.find(({ model }) => model === 'gptj')!))
  expect(made.notices).toContain('gguf/no-loader')
})

describe('llama', () => {
  const tokens = [
    ...['<unk>', '<s>', '</s>'].map(text),
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    text(' the'),
    text(' of'),
  ]
  const scores = Float32Array.from(tokens, (_, id) => -id)
  const [hidden, keyRows] = [64, 32]
  const hyperparameters = { n_vocab: tokens.length, n_embd: hidden, n_mult: 256, n_head: 4, n_layer: 1, n_rot: 16, ftype: 2002 }
  const shapes: { readonly [name: string]: readonly number[] } = {
    'tok_embeddings.weight': [tokens.length, hidden],
    'norm.weight': [hidden],
    'output.weight': [tokens.length, hidden],
    'layers.0.attention.wq.weight': [hidden, hidden],
    'layers.0.attention.wk.weight': [keyRows, hidden],
    'layers.0.attention.wv.weight': [keyRows, hidden],
    'layers.0.attention.wo.weight': [hidden, hidden],
    'layers.0.attention_norm.weight': [hidden],
    'layers.0.feed_forward.w1.weight': [96, hidden],
    'layers.0.feed_forward.w2.weight': [hidden, 96],
    'layers.0.feed_forward.w3.weight': [96, hidden],
    'layers.0.ffn_norm.weight': [hidden],
  }
  const matrices = matricesOf({ shapes } as Family)
  const inBlocks = (name: string, matrix: Matrix) => {
    if (matrix.shape.length === 1) return asF32(name, matrix)
    const bytes = new Uint8Array((matrix.values.length / 32) * 18)
    q4_0.quantize?.(matrix.values, bytes)
    return ['Q4_0', bytes] as const
  }
  const open = (options: GgmlOptions = {}) =>
    ggmlCheckpoint('llama', hyperparameters, matrices, { container: 'ggjt', tokens, scores, encode: inBlocks, ...options })

  test('what was quantized stays as it is, byte for byte, with grouped keys and the vocabulary of the file', async () => {
    const made = await converted(await open(), 'auto')
    const blocks = new Map(matrices.map(([name, matrix]) => [name, inBlocks(name, matrix)[1]]))
    // llama.cpp's llama has the rows of rope pairs side by side, as Meta's files have.
    expect(made.tensors['blk.0.attn_q.weight']).toMatchObject({ type: 'Q4_0', bytes: blocks.get('layers.0.attention.wq.weight') })
    expect(made.tensors['blk.0.attn_k.weight']).toMatchObject({ type: 'Q4_0', bytes: blocks.get('layers.0.attention.wk.weight') })
    expect(made.tensors['blk.0.ffn_norm.weight']!.type).toBe('F32')
    expect(made.metadata.get('llama.attention.head_count_kv')?.value).toBe(2)
    expect(made.metadata.get('general.file_type')?.value).toBe(2)
    expect((made.metadata.get('tokenizer.ggml.tokens')!.value as readonly string[]).at(-1)).toBe('▁of')
    expect(made.notices).toContain('ggml/assumed')
  })

  test('another type is made from the blocks’ numbers', async () => {
    const made = await converted(await open(), 'f16')
    expect(made.tensors['blk.0.attn_q.weight']).toMatchObject({ type: 'F16', shape: [hidden, hidden] })
    expect(made.metadata.get('general.file_type')?.value).toBe(1)
  })

  test('a vocabulary of another size than the embedding is refused', async () => {
    const short = { ...hyperparameters, n_vocab: tokens.length - 1 }
    const without = ggmlCheckpoint('llama', short, matrices, {
      container: 'ggjt',
      tokens: tokens.slice(0, -1),
      scores: scores.slice(1),
      encode: inBlocks,
    })
    await expect(converted(await without)).rejects.toMatchObject({ code: 'convert/vocabulary-rows', details: { tokens: 260, rows: 261 } })
  })

  test('the oldest container has no scores: a tokenizer has to lie beside the file', async () => {
    const old = { container: 'ggml' as const, tokens, encode: asF32 }
    const alone = ggmlCheckpoint('llama', hyperparameters, matrices, old)
    await expect(opened(await alone)).rejects.toMatchObject({
      code: 'convert/tokenizer-missing',
      message: expect.stringContaining('folder'),
    })
    const beside = ggmlCheckpoint('llama', hyperparameters, matrices, { ...old, files: { 'tokenizer.json': json({}) } })
    expect((await opened(await beside)).description.architecture.id).toBe('llama')
  })
})

describe('byte-level vocabularies', () => {
  const family = FAMILIES.find(({ model }) => model === 'gptneox')!

  test('padding at the end is no vocabulary: empty tokens, or the last one again', async () => {
    for (const padding of [text(''), text('<|endoftext|>')]) {
      const tokens = [...TOKENS.slice(0, -3), text('<|endoftext|>'), padding, padding]
      const made = await converted(await ggmlOf(family, { tokens }))
      const written = made.metadata.get('tokenizer.ggml.tokens')!.value as readonly string[]
      expect([written.length, ...written.slice(-3)]).toEqual([ROWS, '<|endoftext|>', `[PAD${ROWS - 2}]`, `[PAD${ROWS - 1}]`])
      expect(made.metadata.get('tokenizer.ggml.eos_token_id')?.value).toBe(ROWS - 3)
    }
  })

  test('tokens that lost their bytes cannot be brought back', async () => {
    const tokens = TOKENS.map((token, id) => (id >= 128 && id < 256 ? text('\ufffd') : token))
    await expect(opened(await ggmlOf(family, { tokens }))).rejects.toMatchObject({ code: 'convert/tokenizer-missing' })
  })
})
