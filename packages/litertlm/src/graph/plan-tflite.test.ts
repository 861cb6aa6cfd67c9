// Plans of TFLite files: sizes known before a weight is read, refusals by name, and the bytes that writing them gives.
// Whether a runtime computes the right numbers with them is checked in `tooling/arch-conformance`.
import type { DecoderSpec } from '@fs/arch'
import { FsError } from '@fs/core'
import { halfToFloat } from '@fs/quant/floats'
import { quantizeBlocksInt4, quantizeRowsInt8 } from '@fs/quant/litert'
import { describe, expect, test } from 'vitest'
import { defaultPrefillLengths } from './check-options.ts'
import { planTflite } from './plan-tflite.ts'
import type { TfliteOptions } from './tflite-plan.ts'
import { tinyDecoder, tinyFile, tinyLayer, tinyNumber, tinyOptions, tinyWeights } from './tiny-decoder.test-support.ts'
import { writeTflite } from './write-tflite.ts'

const matrix = 'layers.1.feed_forward.up.weight'
const values = Float32Array.from({ length: 64 * 32 }, (_, index) => tinyNumber(matrix, index))

function refusal(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return FsError.is(error) ? `${error.code}: ${error.message}` : String(error)
  }
  return 'nothing'
}

describe('writing', () => {
  const stored = async (options: Partial<TfliteOptions>) => {
    const { plan, bytes } = await tinyFile(options)
    const buffer = plan.buffers.find(({ tensor }) => tensor === matrix)!
    return { ...buffer, bytes, data: bytes.slice(buffer.offset, buffer.offset + buffer.byteLength) }
  }

  test('none: the numbers', async () => {
    const { data } = await stored({ quantization: 'none' })
    expect(new Float32Array(data.buffer)).toEqual(values)
  })

  test('int8: Google’s levels, and a scale for each row within the flatbuffer', async () => {
    const { data, encoding, bytes } = await stored({ quantization: 'dynamic_int8' })
    const expected = quantizeRowsInt8(values, 32)
    expect(new Int8Array(data.buffer)).toEqual(expected.data)
    const { scalesOffset } = encoding as { scalesOffset: number }
    expect(new Float32Array(bytes.slice(scalesOffset, scalesOffset + 4 * 64).buffer)).toEqual(expected.scales)
  })

  test('int4: Google’s levels, and a half for each block in a buffer of its own', async () => {
    const { data, encoding, bytes } = await stored({ quantization: 'dynamic_int4_block32' })
    const expected = quantizeBlocksInt4(values, 32, 32)
    expect(new Int8Array(data.buffer)).toEqual(expected.data)
    const { scalesOffset } = encoding as { scalesOffset: number }
    const halves = new Uint16Array(bytes.slice(scalesOffset, scalesOffset + 2 * 64).buffer)
    expect(Float32Array.from(halves, halfToFloat)).toEqual(expected.scales)
  })

  test('norms that are stored minus one are written whole', async () => {
    const { plan, bytes } = await tinyFile()
    const { offset } = plan.buffers.find(({ tensor }) => tensor === 'output_norm.weight')!
    const written = new Float32Array(bytes.slice(offset, offset + 4 * 32).buffer)
    expect(written[3]).toBe(Math.fround(tinyNumber('output_norm.weight', 3) + 1))
  })

  test('a matrix that two operators use, or seven signatures, is stored once', async () => {
    const one = planTflite(tinyDecoder, { ...tinyOptions, prefillLengths: [4] })
    const many = planTflite(tinyDecoder, { ...tinyOptions, prefillLengths: [1, 2, 3, 4, 8, 16] })
    expect(many.buffers.length).toBe(one.buffers.length)
    expect(one.buffers.filter(({ tensor }) => tensor === 'embedding.tokens.weight')).toHaveLength(1)
    expect(many.byteLength - many.flatbuffer.length).toBeLessThan(one.byteLength - one.flatbuffer.length + 64)
  })

  test('weights inside the flatbuffer are the same, with their length in front', async () => {
    const { plan, bytes } = await tinyFile({ weights: 'inline' })
    const outside = await tinyFile()
    for (const { tensor, offset, byteLength } of plan.buffers) {
      const other = outside.plan.buffers.find((buffer) => buffer.tensor === tensor)!
      expect(new DataView(bytes.buffer).getUint32(offset - 4, true)).toBe(byteLength)
      expect(bytes.slice(offset, offset + byteLength)).toEqual(outside.bytes.slice(other.offset, other.offset + byteLength))
    }
  })

  test('stops when told to, and says which weight cannot be quantized', async () => {
    const plan = planTflite(tinyDecoder, { ...tinyOptions, quantization: 'dynamic_int8' })
    const nowhere = async () => undefined
    await expect(writeTflite(plan, tinyWeights, nowhere, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/)
    const broken = {
      read: async (name: string, firstRow: number, rows: number) => {
        const { type, bytes } = await tinyWeights.read(name, firstRow, rows)
        if (name === matrix) new DataView(bytes.buffer).setFloat32(4 * 40, Number.NaN, true)
        return { type, bytes }
      },
    }
    const failure = writeTflite(plan, broken, nowhere)
    await expect(failure).rejects.toMatchObject({
      code: 'litertlm/weight',
      message: expect.stringContaining(`${matrix} cannot be quantized`),
    })
  })
})

describe('lengths', () => {
  test('are the usual ones, as far as the cache holds them', () => {
    expect(defaultPrefillLengths(1280)).toEqual([8, 64, 128, 256, 512, 1024])
    expect(defaultPrefillLengths(100)).toEqual([8, 64])
    expect(defaultPrefillLengths(5)).toEqual([5])
  })

  test.each([
    [{ cacheLength: 0 }, /a cache of 0 positions/],
    [{ cacheLength: 129 }, /a cache of 129 positions does not suit a model of 128/],
    [{ prefillLengths: [] }, /at least one prefill length/],
    [{ prefillLengths: [17] }, /prefilling 17 tokens at once does not suit a cache of 16/],
    [{ prefillLengths: [1.5] }, /prefilling 1.5 tokens/],
    [{ quantization: 'dynamic_int4_block128' }, /rows of 32 numbers, which are not whole blocks of 128; choose dynamic_int8/],
  ] as const)('%o are refused', (options, reason) => {
    const said = refusal(() => planTflite(tinyDecoder, { ...tinyOptions, ...options }))
    expect(said).toContain('litertlm/options: ')
    expect(said).toMatch(reason)
  })

  test('a file past what 32-bit offsets reach is refused with its weights inside, and planned with them outside', () => {
    const large: DecoderSpec = { ...tinyDecoder, vocabularySize: 2 ** 25 }
    expect(refusal(() => planTflite(large, { ...tinyOptions, weights: 'inline' }))).toMatch(/^litertlm\/options: .* keep them outside/)
    expect(planTflite(large, tinyOptions).byteLength).toBeGreaterThan(2 ** 32)
  })
})

describe('a description without a graph is refused in one sentence', () => {
  const { attention } = tinyLayer
  const withAttention = (changes: object): DecoderSpec => ({
    ...tinyDecoder,
    layers: [tinyLayer, { ...tinyLayer, attention: { ...attention, ...changes } }],
  })
  const withScaling = (scaling: object) => withAttention({ position: { ...attention.position, scaling } })
  const mixture = { kind: 'mixture', experts: 4, expertsUsed: 2, width: 32, activation: 'silu', normalizeWeights: true } as const

  test.each([
    ['a soft cap on logits', { ...tinyDecoder, head: { ...tinyDecoder.head, softCap: 30 } }],
    ['a soft cap on attention', withAttention({ softCap: 50 })],
    ['a mixture of experts', { ...tinyDecoder, layers: [{ ...tinyLayer, feedForward: mixture }] }],
    ['yarn scaling of rotary positions', withScaling({ kind: 'yarn' })],
    ['longrope scaling of rotary positions', withScaling({ kind: 'longrope', originalContextLength: 8 })],
    ['ALiBi', withAttention({ position: { kind: 'alibi', maximumBias: 8 } })],
    ['attention without positions', withAttention({ position: { kind: 'none' } })],
    ['interleaved rotary pairs', withAttention({ position: { ...attention.position, pairing: 'interleaved' } })],
    ['attention to later tokens', withAttention({ causal: false })],
    ['clipped queries, keys and values', withAttention({ clamp: 8 })],
    ['layer norms', { ...tinyDecoder, outputNorm: { kind: 'layer', epsilon: 1e-5, bias: true } }],
    ['learned positions', { ...tinyDecoder, embedding: { ...tinyDecoder.embedding, positions: 64 } }],
    ['token types', { ...tinyDecoder, embedding: { ...tinyDecoder.embedding, tokenTypes: 2 } }],
    ['a norm of the embedding', { ...tinyDecoder, embedding: { ...tinyDecoder.embedding, norm: tinyDecoder.outputNorm } }],
    ['attention beside the feed-forward', { ...tinyDecoder, layers: [{ ...tinyLayer, kind: 'parallel' }] }],
    ['norms after the sum', { ...tinyDecoder, layers: [{ ...tinyLayer, kind: 'post-norm' }] }],
  ])('%s', (feature, spec) => {
    expect(refusal(() => planTflite(spec as DecoderSpec, tinyOptions))).toMatch(
      new RegExp(`^litertlm/not-expressible: (the model|the output|layer \\d+) asks for ${feature}( past 8)?, which`),
    )
  })
})
