// Files of before GGUF: written and read back for every family, real ones, and every way they lie.
import { readFileSync } from 'node:fs'
import type { FsError } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../bytes/memory.ts'
import { openPath } from '../node/open-path.ts'
import { ascii, f32, i32, join, u32, zeros } from '../test-support/byte-parts.test-support.ts'
import { noShared, shared } from '../test-support/shared.test-support.ts'
import { type GgmlLayout, type GgmlLayoutInput, layoutGgml } from './layout.ts'
import { GGML_MODEL_IDS, GGML_MODELS, type GgmlModelId } from './models.ts'
import { readGgml } from './read.ts'

function materialize(layout: GgmlLayout): Uint8Array {
  const bytes = new Uint8Array(layout.size)
  for (const piece of layout.pieces) bytes.set(piece.bytes, piece.offset)
  return bytes
}

/** A tensor that tells each family. */
const TELLING: { readonly [Model in GgmlModelId]: string } = {
  llama: 'tok_embeddings.weight',
  gptneox: 'gpt_neox.embed_in.weight',
  gptj: 'transformer.h.0.attn.q_proj.weight',
  gpt2: 'model/wte',
  bloom: 'tok_embeddings.weight',
  mpt: 'transformer.wte.weight',
}

const tokens = [ascii('a'), Uint8Array.of(0xff), ascii(''), ascii('\u2581the')]

function input(model: GgmlModelId, container: GgmlLayoutInput['container'], ftype: number): GgmlLayoutInput {
  const hyperparameters = new Map(
    GGML_MODELS[model].fields.map(({ name, type }) => [name, type === 'f32' ? 8 : name === 'n_vocab' ? 4 : name === 'ftype' ? ftype : 64]),
  )
  return {
    container,
    model,
    hyperparameters,
    vocabulary: container.kind === 'ggml' ? { tokens } : { tokens, scores: Float32Array.of(0, -1, -2, -3.5) },
    tensors: [
      { name: TELLING[model], type: 'F16', shape: [4, 64] },
      { name: 'norm', type: 'F32', shape: [3] },
    ],
  }
}

describe.each(GGML_MODEL_IDS)('%s', (model) => {
  test.each<[GgmlLayoutInput['container'], number]>([
    [{ kind: 'ggml' }, 1],
    [{ kind: 'ggjt', version: 1 }, 1],
    [{ kind: 'ggjt', version: 3 }, 2002],
  ])('%o is written and read back, its family found', async (container, ftype) => {
    const planned = input(model, container, ftype)
    const layout = layoutGgml(planned)
    const file = await readGgml(memorySource(materialize(layout), 'model.bin'))
    expect(file).toMatchObject({
      model,
      container: container.kind,
      hyperparameters: planned.hyperparameters,
      vocabulary: planned.vocabulary,
    })
    expect(
      [...file.tensors.tensors.values()].map(({ name, type, shape, offset, byteLength }) => ({ name, type, shape, offset, byteLength })),
    ).toEqual(layout.tensors.map((placed, index) => ({ ...planned.tensors[index]!, ...placed })))
    if (container.kind === 'ggjt') for (const { offset } of layout.tensors) expect(offset % 32).toBe(0)
  })
})

test('any vocabulary and tensors survive the round trip', async () => {
  const shape = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 })
  const tensors = fc.uniqueArray(
    fc.record({ name: fc.string({ minLength: 1, maxLength: 20 }), type: fc.constantFrom('F32' as const, 'F16' as const), shape }),
    {
      selector: ({ name }) => name,
      maxLength: 5,
    },
  )
  const vocabulary = fc.array(fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.float({ noNaN: true })), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(tensors, vocabulary, async (list, entries) => {
      const hyperparameters = new Map(GGML_MODELS.llama.fields.map(({ name }) => [name as string, name === 'n_vocab' ? entries.length : 1]))
      const layout = layoutGgml({
        container: { kind: 'ggjt', version: 1 },
        model: 'llama',
        hyperparameters,
        vocabulary: { tokens: entries.map(([token]) => token), scores: Float32Array.from(entries, ([, score]) => score) },
        tensors: [
          { name: 'tok_embeddings.weight', type: 'F32', shape: [1] },
          ...list.filter(({ name }) => name !== 'tok_embeddings.weight'),
        ],
      })
      const file = await readGgml(memorySource(materialize(layout), 'model.bin'), 'llama')
      expect(file.vocabulary.tokens).toEqual(entries.map(([token]) => token))
      for (const { name, offset, byteLength } of layout.tensors)
        expect(file.tensors.tensors.get(name)).toMatchObject({ offset, byteLength })
    }),
    { numRuns: 50 },
  )
})

/** A llama file by hand: magic, version, seven hyperparameters, one token "a" with its score. */
const llama = (magic: string, version: number | undefined, ftype: number, ...tensors: Uint8Array[]) =>
  join(
    ascii(magic),
    version === undefined ? zeros(0) : u32(version),
    i32(1, 64, 256, 4, 1, 16, ftype),
    u32(1),
    ascii('a'),
    magic === 'lmgg' ? zeros(0) : f32(0),
    ...tensors,
  )
const record = (name: string, type: number, dimensions: number[], data: Uint8Array) =>
  join(u32(dimensions.length, ascii(name).length, type), u32(...dimensions), ascii(name), data)
const embedding = record('tok_embeddings.weight', 0, [2], zeros(8))

describe('generations of block layouts', () => {
  const q4 = record('tok_embeddings.weight', 2, [32], zeros(18))
  const q5 = record('tok_embeddings.weight', 6, [32], zeros(22))
  // ggjt pads before the data: 4 + 4 + 28 + 4 + 1 + 4 bytes of header, 37 of record; so does this.
  const padded = (tensor: Uint8Array, data: number) =>
    join(tensor.subarray(0, tensor.length - data), zeros(14), tensor.subarray(tensor.length - data))
  test.each([
    ['Q4_0 in ggjt 3', 'accepted', llama('tjgg', 3, 2, padded(q4, 18))],
    ['Q4_0 in ggjt 2', 'ggml/old-blocks', llama('tjgg', 2, 2, padded(q4, 18))],
    ['Q5_0 in ggjt 2', 'accepted', llama('tjgg', 2, 8, padded(q5, 22))],
    ['Q5_0 in ggjt 1', 'ggml/old-blocks', llama('tjgg', 1, 8, padded(q5, 22))],
    ['Q4_0 in ggml with quantization version 2', 'accepted', llama('lmgg', undefined, 2002, q4)],
    ['Q4_0 in ggml with quantization version 0', 'ggml/old-blocks', llama('lmgg', undefined, 2, q4)],
    ['F32 in the oldest', 'accepted', llama('lmgg', undefined, 0, embedding)],
  ])('%s: %s', async (_what, code, bytes) => {
    expect(await codeOf(bytes)).toBe(code)
  })
})

const codeOf = (bytes: Uint8Array, model?: GgmlModelId) =>
  readGgml(memorySource(bytes, 'crafted.bin'), model).then(
    () => 'accepted',
    (error: FsError) => error.code,
  )

describe('refused', () => {
  const rows: [what: string, code: string, bytes: Uint8Array, model?: GgmlModelId][] = [
    ['too short for anything', 'ggml/not-ggml', ascii('tjgg')],
    ['another magic', 'ggml/not-ggml', zeros(100)],
    ['a version nobody wrote', 'ggml/version', llama('tjgg', 4, 0)],
    ['a LoRA adapter', 'ggml/adapter', join(ascii('algg'), zeros(60))],
    ['cut inside the hyperparameters', 'ggml/truncated', llama('lmgg', undefined, 0).subarray(0, 20), 'llama'],
    ['cut inside the vocabulary', 'ggml/vocabulary', llama('lmgg', undefined, 0).subarray(0, -2), 'llama'],
    ['a negative size', 'ggml/unknown-model', join(ascii('lmgg'), i32(1, -64, 256, 4, 1, 16, 0), zeros(99)), 'llama'],
    ['a not-a-number', 'ggml/unknown-model', join(ascii('lmgg'), i32(1, 1, 1, 1, 1), f32(Number.NaN, 0), i32(0), zeros(99)), 'mpt'],
    ['more tokens than bytes', 'ggml/vocabulary', join(ascii('lmgg'), i32(2 ** 26, 64, 256, 4, 1, 16, 0), zeros(99)), 'llama'],
    [
      'a token of 2^32 - 1 bytes',
      'ggml/vocabulary',
      join(ascii('lmgg'), i32(1, 64, 256, 4, 1, 16, 0), u32(2 ** 32 - 1), zeros(99)),
      'llama',
    ],
    [
      'a vocabulary of another size than its own count',
      'ggml/vocabulary',
      join(ascii('lmgg'), i32(1, 64, 64, 4, 1, 0), u32(2), zeros(99)),
      'gpt2',
    ],
    ['no dimensions', 'ggml/tensor', llama('lmgg', undefined, 0, join(u32(0, 1, 0), ascii('a'))), 'llama'],
    ['a name of 2^31 bytes', 'ggml/tensor', llama('lmgg', undefined, 0, u32(1, 2 ** 31, 0, 1)), 'llama'],
    ['a removed type', 'ggml/tensor', llama('lmgg', undefined, 2002, record('a', 4, [32], zeros(20))), 'llama'],
    ['half a block', 'ggml/tensor', llama('lmgg', undefined, 2002, record('a', 2, [33], zeros(36))), 'llama'],
    ['a size that overflows', 'ggml/tensor', llama('lmgg', undefined, 0, record('a', 0, [2 ** 32 - 1, 2 ** 32 - 1, 4], zeros(4))), 'llama'],
    ['a tensor cut short', 'ggml/truncated', llama('lmgg', undefined, 0, embedding).subarray(0, -1)],
    ['bytes after the last tensor', 'ggml/truncated', join(llama('lmgg', undefined, 0, embedding), zeros(3))],
    ['a tensor twice', 'ggml/duplicate-tensor', llama('lmgg', undefined, 0, embedding, embedding)],
    ['tensors of no known model', 'ggml/unknown-model', llama('lmgg', undefined, 0, record('strange', 0, [2], zeros(8)))],
  ]
  test.each(rows)('%s: %s', async (_what, code, bytes, model) => {
    expect(await codeOf(bytes, model)).toBe(code)
  })
})

test('more tensors than any model has are refused', async () => {
  const many = Buffer.concat(
    Array.from({ length: 100_001 }, (_, index) => record(index === 0 ? 'tok_embeddings.weight' : `t${index}`, 0, [0], zeros(0))),
  )
  expect(await codeOf(llama('lmgg', undefined, 0, many), 'llama')).toBe('ggml/limit')
})

describe('refuses to write', () => {
  const sound = input('gpt2', { kind: 'ggml' }, 1)
  const scored = { tokens, scores: Float32Array.of(1, 2, 3, 4) }
  test.each<[what: string, changed: Partial<GgmlLayoutInput>]>([
    ['a hyperparameter that is missing', { hyperparameters: new Map([['n_vocab', 4]]) }],
    ['a hyperparameter that is a fraction', { hyperparameters: new Map([...sound.hyperparameters, ['n_embd', 0.5]]) }],
    ['a vocabulary of another size', { vocabulary: { tokens: [] } }],
    ['scores where there is no place for them', { vocabulary: scored }],
    ['fewer scores than tokens', { container: { kind: 'ggjt', version: 1 }, vocabulary: { tokens, scores: Float32Array.of(1) } }],
    ['an endless token', { vocabulary: { tokens: [...tokens.slice(1), zeros(5000)] } }],
    ['a tensor twice', { tensors: [sound.tensors[0]!, sound.tensors[0]!] }],
    ['a tensor without dimensions', { tensors: [{ name: 'a', type: 'F32', shape: [] }] }],
    ['half a block', { tensors: [{ name: 'a', type: 'Q4_0', shape: [33] }] }],
  ])('%s', (_what, changed) => {
    expect(() => layoutGgml({ ...sound, ...changed })).toThrow(expect.objectContaining({ code: 'ggml/unwritable' }))
  })
})

describe.skipIf(noShared)('files of 2023 (need ../shared)', () => {
  const path = (name: string) => shared(`realdata/llamacpp-legacy-ggml-vocab/${name}`)
  const open = async (name: string) => {
    const checkpoint = await openPath(path(name))
    await checkpoint.close()
    const value = (key: string) => checkpoint.metadata?.get(key)?.value
    return { container: checkpoint.container, value }
  }

  test.each([
    ['ggml-vocab-3651f708.bin', 'ggmf', 32000],
    ['ggml-vocab-38f63493.bin', 'ggjt', 32000],
    ['ggml-vocab-llama-c1a3194c.bin', 'ggjt', 32000],
    ['ggml-vocab-aquila-e06b39b5.bin', 'ggjt', 100008],
    ['ggml-vocab-aba94bd1.bin', 'vocabulary', 32000],
  ])('%s is %s with %i tokens', async (name, container, count) => {
    const { container: id, value } = await open(name)
    expect([id, value('ggml.container')]).toEqual(['ggml', container])
    expect(value('ggml.vocabulary')).toHaveLength(count)
    expect(value('ggml.vocabulary.scores')).toHaveLength(count)
  })

  test('the LLaMA vocabulary has its tokens, single bytes and scores, with or without a container around it', async () => {
    const { value } = await open('ggml-vocab-38f63493.bin')
    const vocabulary = value('ggml.vocabulary') as string[]
    expect(vocabulary.slice(0, 3)).toEqual([' \u2047 ', '', ''])
    // Byte 0xff, which is not UTF-8, as a lone surrogate.
    expect(vocabulary[258]).toBe('\udcff')
    expect(vocabulary[278]).toBe(' the')
    expect((value('ggml.vocabulary.scores') as Float32Array)[278]).toBe(-19)
    expect(value('ggml.hyperparameters.n_embd')).toBe(4096)
    expect((await open('ggml-vocab-aba94bd1.bin')).value('ggml.vocabulary')).toEqual(vocabulary)
  })

  test('they are laid out again to the same bytes', async () => {
    const name = 'ggml-vocab-38f63493.bin'
    const bytes = readFileSync(path(name))
    const { hyperparameters, vocabulary } = await readGgml(memorySource(bytes, name))
    const layout = layoutGgml({ container: { kind: 'ggjt', version: 1 }, model: 'llama', hyperparameters, vocabulary, tensors: [] })
    expect(Buffer.compare(materialize(layout), bytes)).toBe(0)
  })
})
