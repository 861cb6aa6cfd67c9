// What is written is read back; a damaged file is refused with the reason, whatever is wrong with it.
import { FsError } from '@fs/core'
import { memorySource } from '@fs/formats/bytes'
import fc from 'fast-check'
import { Builder } from 'flatbuffers'
import { describe, expect, test } from 'vitest'
import { tinyFile } from '../graph/tiny-decoder.test-support.ts'
import type { Buffer, Tensor, TfliteModel } from './model.ts'
import { readTflite } from './read.ts'
import { SLOTS } from './schema.ts'
import { serializeTflite } from './serialize.ts'
import { offsetVector } from './vectors.ts'

const read = (bytes: Uint8Array) => readTflite(memorySource(bytes, 'model.tflite'))

const tensor: Tensor = { name: 'weight', type: 'float32', shape: [2, 4], buffer: 1, quantization: null }

function model(tensors: readonly Tensor[], buffers: readonly Buffer[], changes: Partial<TfliteModel> = {}): TfliteModel {
  const subgraphs = [{ name: 'decode', tensors, inputs: [], outputs: [0], operators: [] }]
  const signatures = [{ key: 'decode', subgraph: 0, inputs: [], outputs: [{ name: 'logits', tensor: 0 }] }]
  return { description: 'test', subgraphs, signatures, buffers: [{ kind: 'empty' }, ...buffers], scaleSets: [], ...changes }
}

/** The file with zeros for weights. */
function fileOf(described: TfliteModel, weights: 'outside' | 'inline' = 'outside'): Uint8Array {
  const { bytes, byteLength } = serializeTflite(described, weights)
  const file = new Uint8Array(byteLength)
  file.set(bytes)
  return file
}

describe('a whole file', () => {
  test.each(['outside', 'inline'] as const)('says what was written, with weights %s', async (weights) => {
    const { plan, bytes } = await tinyFile({ weights, quantization: 'dynamic_int8' })
    const { signatures, buffers, subgraphs } = await read(bytes)
    expect(signatures.map(({ key }) => key)).toEqual(['prefill_4', 'decode'])
    const [prefill, decode] = signatures
    expect([...prefill!.inputs.keys()]).toEqual([
      'tokens',
      'input_pos',
      'mask',
      'kv_cache_k_0',
      'kv_cache_v_0',
      'kv_cache_k_1',
      'kv_cache_v_1',
    ])
    expect(prefill!.inputs.get('mask')).toMatchObject({ type: 'float32', shape: [1, 1, 4, 16] })
    expect(prefill!.inputs.get('kv_cache_k_1')).toMatchObject({ shape: [1, 2, 16, 16] })
    expect([...prefill!.outputs.keys()]).toEqual(['kv_cache_k_0', 'kv_cache_v_0', 'kv_cache_k_1', 'kv_cache_v_1'])
    expect(decode!.outputs.get('logits')).toMatchObject({ type: 'float32', shape: [1, 1, 48] })
    const placed = new Map(buffers.flatMap((buffer) => (buffer.kind === 'empty' ? [] : [[buffer.offset, buffer]])))
    for (const { offset, byteLength } of plan.buffers) {
      expect(offset % 64).toBe(0)
      expect(placed.get(offset)).toEqual({ kind: weights, offset, byteLength })
    }
    const composites = subgraphs.flatMap(({ operators }) => operators.flatMap(({ composite }) => composite ?? []))
    expect(new Set(composites.map(({ name }) => name))).toEqual(new Set(['odml.rms_norm']))
  })

  test('says how each weight is scaled', async () => {
    const scaled = async (quantization: 'dynamic_int8' | 'dynamic_int4_block32') => {
      const { subgraphs } = await read((await tinyFile({ quantization })).bytes)
      return subgraphs[0]!.tensors.find(({ name }) => name === 'layers.0.feed_forward.down.weight')
    }
    const shape = [32, 64]
    expect(await scaled('dynamic_int8')).toMatchObject({ type: 'int8', shape, quantization: { kind: 'affine', scales: 32, dimension: 0 } })
    expect(await scaled('dynamic_int4_block32')).toMatchObject({ type: 'int4', shape, quantization: { kind: 'blocks', blockSize: 32 } })
  })

  test('larger than what is fetched first is read on', async () => {
    const { signatures } = await read(fileOf(model([{ ...tensor, name: 'x'.repeat(1 << 21) }], [{ kind: 'weight', byteLength: 32 }])))
    expect(signatures[0]!.outputs.get('logits')!.name).toHaveLength(1 << 21)
  })
})

describe('a file that contradicts itself is refused', () => {
  const refusal = async (bytes: Uint8Array) =>
    read(bytes).then(
      () => 'nothing',
      (error) => (FsError.is(error) ? `${error.code}: ${error.message}` : String(error)),
    )
  const weight: Buffer = { kind: 'weight', byteLength: 32 }

  test('because it is no TFLite model', async () => {
    expect(await refusal(new Uint8Array(64))).toContain('litertlm/not-tflite: model.tflite holds no TFLite model')
    expect(await refusal(new Uint8Array(3))).toMatch(/^litertlm\/not-tflite/)
  })

  test.each([
    [
      'a tensor larger than its weight',
      model([{ ...tensor, shape: [3, 4] }], [weight]),
      /weight of decode is float32 \[3, 4\], 48 bytes, but has 32/,
    ],
    ['a shape whose product passes every number', model([{ ...tensor, shape: [2 ** 30, 2 ** 30, 2 ** 30] }], [weight]), /but has 32/],
    ['a tensor without its buffer', model([{ ...tensor, buffer: 9 }], [weight]), /there is no buffer 9/],
    [
      'an output that is no tensor',
      model([tensor], [weight], { subgraphs: [{ name: '', tensors: [tensor], inputs: [], outputs: [7], operators: [] }] }),
      /there is no tensor 7/,
    ],
    [
      'a signature without its subgraph',
      model([tensor], [weight], { signatures: [{ key: 'decode', subgraph: 5, inputs: [], outputs: [] }] }),
      /decode names subgraph 5/,
    ],
    [
      'rows without a scale each',
      model([{ ...tensor, type: 'int8', shape: [4, 8], quantization: { kind: 'rows', scaleSet: 0 } }], [weight], { scaleSets: [3] }),
      /has 3 scales along dimension 0 of \[4, 8\]/,
    ],
    [
      'blocks without a scale each',
      model(
        [
          { ...tensor, type: 'int4', shape: [2, 32], quantization: { kind: 'blocks', scales: 1, blockSize: 16 } },
          { ...tensor, shape: [2, 1], buffer: 0 },
        ],
        [weight],
      ),
      /has scales \[2, 1\] for blocks of 16 in \[2, 32\]/,
    ],
    [
      'blocks whose scales are nowhere',
      model([{ ...tensor, type: 'int4', shape: [2, 32], quantization: { kind: 'blocks', scales: 9, blockSize: 32 } }], [weight]),
      /has its scales in tensor 9, which is not there/,
    ],
    [
      'a signature that names an input twice',
      model([tensor], [weight], {
        signatures: [
          {
            key: 'decode',
            subgraph: 0,
            inputs: [
              { name: 'a', tensor: 0 },
              { name: 'a', tensor: 0 },
            ],
            outputs: [],
          },
        ],
      }),
      /names a twice/,
    ],
  ])('%s', async (_, described, reason) => {
    const said = await refusal(fileOf(described))
    expect(said).toContain('litertlm/tflite: model.tflite: its TFLite model is damaged at byte ')
    expect(said).toMatch(reason)
  })

  test('weights that overlap, are not aligned or lie outside', async () => {
    const described = model([tensor, { ...tensor, buffer: 2 }], [weight, weight])
    const { weightOffsets } = serializeTflite(described, 'outside')
    const spoiled = (offset: bigint): Uint8Array => {
      const file = fileOf(described)
      const view = new DataView(file.buffer)
      for (let at = 0; at + 8 <= file.length; at += 4)
        if (view.getBigUint64(at, true) === BigInt(weightOffsets[2]!)) view.setBigUint64(at, offset, true)
      return file
    }
    expect(await refusal(spoiled(BigInt(weightOffsets[1]! + 16)))).toMatch(/two weights share bytes/)
    expect(await refusal(spoiled(BigInt(weightOffsets[1]! + 1)))).toMatch(/no multiple of 16/)
    expect(await refusal(spoiled(2n ** 60n))).toMatch(/lies outside its \d+ bytes/)
    expect(await refusal(fileOf(described).subarray(0, -16))).toMatch(/lies outside its \d+ bytes/)
  })

  test('by bytes changed at random: read or refused, never anything else, and soon', async () => {
    const { bytes, plan } = await tinyFile()
    const edges = [0, 1, 0x7f, 0x80, 0xff]
    const change = fc.tuple(fc.nat(plan.flatbuffer.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(...edges)))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), fc.option(fc.nat(bytes.length)), async (changes, length) => {
        const damaged = bytes.slice(0, length ?? bytes.length)
        for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value
        const said = await refusal(damaged)
        expect(said).toMatch(/^(nothing|litertlm\/(not-)?tflite: .*convert the model again|litertlm\/not-tflite: )/)
      }),
      { numRuns: 1500 },
    )
  })

  test('because it declares a huge model by sharing small tables', async () => {
    const builder = new Builder()
    const table = (fields: readonly (readonly [slot: number, offset: number])[]) => {
      builder.startObject(9)
      for (const [slot, offset] of fields) builder.addFieldOffset(slot, offset, 0)
      return builder.endObject()
    }
    const times = (count: number, offset: number) => offsetVector(builder, new Array<number>(count).fill(offset))
    const subgraph = table([[SLOTS.subgraph.tensors, times(4000, table([]))]])
    const subgraphs = times(2000, subgraph)
    builder.startObject(8)
    builder.addFieldInt32(SLOTS.model.version, 3, 0)
    builder.addFieldOffset(SLOTS.model.subgraphs, subgraphs, 0)
    builder.finish(builder.endObject(), 'TFL3')
    const bytes = builder.asUint8Array()
    expect(bytes.length).toBeLessThan(30_000)
    expect(await refusal(bytes)).toMatch(/its lists have more entries than it has bytes/)
  })
})
