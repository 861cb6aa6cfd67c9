import type { JsonObject, MetadataValue } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ggufView, huggingFaceView } from './checkpoint-view.ts'
import { type RopeOptions, rope, rotatedPart } from './rope.ts'
import { llama3Factors } from './rope-frequencies.ts'
import type { RopeScaling } from './spec.ts'

const read = (config: JsonObject, options: Partial<RopeOptions> = {}) =>
  rope({ dimensions: () => 64, ...options }).fromHuggingFace(huggingFaceView(config, new Map()))

const string = (value: string): MetadataValue => ({ type: 'STRING', value })
const float = (value: number): MetadataValue => ({ type: 'FLOAT32', value })

const readGguf = (entries: { readonly [key: string]: MetadataValue }, factors?: Float32Array, dimensions = 64) =>
  rope({ dimensions: () => dimensions }).fromGguf(
    ggufView(
      new Map([
        ['general.architecture', string('llama')],
        ...Object.entries(entries).map(([key, value]) => [`llama.${key}`, value] as const),
      ]),
      new Map(),
      factors === undefined ? undefined : new Map([['rope_freqs.weight', factors]]),
    ),
  )

/** Through config.json and back. */
const again = (config: JsonObject) => {
  const field = rope({ dimensions: () => 64 })
  return read(field.toHuggingFace(read(config)))
}

describe('config.json', () => {
  test('says the same in the words of transformers 4 and 5', () => {
    const scaling = { rope_type: 'llama3', factor: 32, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 }
    const five = read({ rope_parameters: { ...scaling, rope_theta: 500000 } })
    expect(read({ rope_scaling: scaling, rope_theta: 500000 })).toEqual(five)
    expect(five).toMatchObject({
      base: 500000,
      scaling: { kind: 'llama3', factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 8192 },
    })
  })

  test('without any rope settings means an unscaled base of 10000, or what the family assumes', () => {
    expect(read({})).toEqual({ base: 10000, scaling: { kind: 'none' }, slidingBase: null, declaredType: 'default', declared: {} })
    expect(read({}, { missingBase: 1e6, missingSlidingBase: 10000 })).toMatchObject({ base: 1e6, slidingBase: 10000 })
  })

  test('gives layers with a sliding window a base of their own', () => {
    const nested = { full_attention: { rope_type: 'linear', factor: 8, rope_theta: 1e6 }, sliding_attention: { rope_theta: 1e4 } }
    const expected = { base: 1e6, slidingBase: 1e4, scaling: { kind: 'linear', factor: 8 } }
    expect(read({ rope_parameters: nested })).toMatchObject(expected)
    expect(read({ rope_theta: 1e6, rope_local_base_freq: 1e4, rope_scaling: { type: 'linear', factor: 8 } })).toMatchObject(expected)
  })

  test('takes yarn attention from attention_factor, else from both mscales, else from the factor', () => {
    const yarn = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 4096 }
    const factorOf = (more: JsonObject) => {
      const { scaling } = read({ rope_scaling: { ...yarn, ...more } })
      return scaling.kind === 'yarn' ? scaling.attentionFactor : undefined
    }
    expect(factorOf({ attention_factor: 1.25 })).toBe(1.25)
    expect(factorOf({ mscale: 1, mscale_all_dim: 1 })).toBe(1)
    expect(factorOf({})).toBeCloseTo(0.1 * Math.log(4) + 1, 12)
  })

  test('derives what longrope leaves unsaid from the two context lengths', () => {
    const config = {
      max_position_embeddings: 131072,
      original_max_position_embeddings: 4096,
      rope_scaling: { type: 'su', short_factor: [1, 1], long_factor: [1, 32] },
    }
    expect(read(config).scaling).toEqual({
      kind: 'longrope',
      shortFactors: [1, 1],
      longFactors: [1, 32],
      originalContextLength: 4096,
      attentionFactor: Math.sqrt(1 + Math.log(32) / Math.log(4096)),
    })
  })

  test.each([
    [{ rope_scaling: { type: 'ntk-by-hand', factor: 2 } }, 'arch/rope-unknown', /"ntk-by-hand"/],
    [{ rope_scaling: { type: 'linear' } }, 'arch/config-missing', /linear needs factor/],
    [{ rope_scaling: { type: 'yarn', factor: 4 } }, 'arch/config-missing', /original_max_position_embeddings/],
    [{ rope_scaling: { type: 'longrope', short_factor: [1] } }, 'arch/config-missing', /max_position_embeddings/],
    [{ max_position_embeddings: 8, rope_scaling: { type: 'longrope', short_factor: [1] } }, 'arch/config-missing', /long_factor/],
    [{ rope_scaling: { type: 'linear', factor: '8' } }, 'arch/config-invalid', /factor of the rope settings is "8"/],
    [{ rope_theta: 'high' }, 'arch/config-invalid', /rope_theta/],
  ])('%j is refused', (config, code, message) => {
    expect(() => read(config)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })

  test('is written so that it reads as what it was', () => {
    const number = fc.double({ min: 1, max: 64, noNaN: true })
    const scaling = fc.oneof(
      fc.constant({ rope_type: 'default' }),
      fc.record({ rope_type: fc.constant('linear'), factor: number }),
      fc.record({
        rope_type: fc.constant('llama3'),
        factor: number,
        low_freq_factor: number,
        high_freq_factor: number,
        original_max_position_embeddings: fc.integer({ min: 1, max: 1 << 20 }),
      }),
      fc.record(
        {
          rope_type: fc.constant('yarn'),
          factor: number,
          original_max_position_embeddings: fc.integer({ min: 1, max: 1 << 20 }),
          attention_factor: number,
          beta_fast: number,
          beta_slow: number,
          mscale: number,
          mscale_all_dim: number,
        },
        { requiredKeys: ['rope_type', 'factor', 'original_max_position_embeddings'] },
      ),
    )
    fc.assert(
      fc.property(scaling, number, fc.option(number), (rope_scaling, rope_theta, rope_local_base_freq) => {
        const config = { rope_scaling, rope_theta, rope_local_base_freq } as JsonObject
        expect(again(config)).toEqual(read(config))
      }),
    )
  })

  test('has no word for bare divisors', () => {
    const factors: RopeScaling = { kind: 'factors', factors: [1, 2, 3] }
    expect(() =>
      rope({ dimensions: () => 6 }).toHuggingFace({
        base: 1e4,
        scaling: factors,
        slidingBase: null,
        declaredType: 'default',
        declared: {},
      }),
    ).toThrow(expect.objectContaining({ code: 'arch/not-expressible' }))
  })
})

describe('GGUF', () => {
  test('gets the keys in the order of llama.cpp, and only the yarn settings the checkpoint names', () => {
    const yarn = { type: 'yarn', factor: 4, original_max_position_embeddings: 32768, beta_fast: 16 }
    const entries = rope({ dimensions: () => 64 }).toGguf(read({ rope_scaling: yarn, rope_theta: 1e6, rope_local_base_freq: 1e4 }))
    expect(entries).toEqual([
      ['rope.scaling.type', string('yarn')],
      ['rope.scaling.factor', float(4)],
      ['rope.scaling.original_context_length', { type: 'UINT32', value: 32768 }],
      ['rope.scaling.yarn_beta_fast', float(16)],
      ['rope.freq_base', float(1e6)],
      ['rope.freq_base_swa', float(1e4)],
    ])
  })

  test('of families for which llama.cpp writes no base has one only where its loader would assume another', () => {
    const field = rope({ dimensions: () => 64, omitBase: true })
    expect(field.toGguf(read({}))).toEqual([])
    expect(field.toGguf(read({ rope_theta: 5000 }))).toEqual([['rope.freq_base', float(5000)]])
  })

  test('linear and yarn come back as they were', () => {
    for (const rope_scaling of [
      { type: 'linear', factor: 8 },
      { type: 'yarn', factor: 4, original_max_position_embeddings: 32768, attention_factor: 1.1, beta_fast: 16, beta_slow: 2 },
    ]) {
      const value = read({ rope_scaling, rope_theta: 1e6 })
      expect(readGguf(Object.fromEntries(rope({ dimensions: () => 64 }).toGguf(value)))).toEqual(value)
    }
  })

  test('llama3 scaling is recognised by its divisors', () => {
    const scaling = { kind: 'llama3', factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 8192 } as const
    const value = readGguf({ 'rope.freq_base': float(500000) }, llama3Factors(scaling, 500000, 64))
    expect(value).toMatchObject({ scaling, declaredType: 'llama3', base: 500000 })
  })

  test('divisors no formula gives are kept as they are, and none is computed for dimensions the file only claims', () => {
    const factors = Float32Array.of(1, 3, 2)
    expect(readGguf({}, factors, 6).scaling).toEqual({ kind: 'factors', factors: [1, 3, 2] })
    expect(readGguf({}, factors, Number.MAX_SAFE_INTEGER).scaling).toEqual({ kind: 'factors', factors: [1, 3, 2] })
  })

  test('a linear factor of one is no scaling', () => {
    expect(readGguf({ 'rope.scaling.type': string('linear'), 'rope.scaling.factor': float(1) }).scaling).toEqual({ kind: 'none' })
  })

  test('an unknown kind of scaling is refused', () => {
    expect(() => readGguf({ 'rope.scaling.type': string('ntk') })).toThrow(expect.objectContaining({ code: 'arch/rope-unknown' }))
  })
})

describe('the rotated part of a head', () => {
  const part = rotatedPart('rotary_pct', 0.25, (share, hiddenSize, heads) => Math.floor((share * hiddenSize) / heads))

  test('is read from either spelling, or is what the family assumes', () => {
    const shape = { hidden_size: 512, num_attention_heads: 8 }
    const of = (config: JsonObject) => part.fromHuggingFace(huggingFaceView({ ...shape, ...config }, new Map()))
    expect(of({})).toEqual({ dimensions: 16, share: 0.25 })
    expect(of({ rotary_pct: 0.5 })).toEqual({ dimensions: 32, share: 0.5 })
    expect(of({ rope_parameters: { partial_rotary_factor: 0.5 } })).toEqual({ dimensions: 32, share: 0.5 })
  })

  test('is a number of dimensions in GGUF', () => {
    const view = (dimensions: number | undefined) =>
      ggufView(
        new Map<string, MetadataValue>([
          ['general.architecture', string('gptneox')],
          ['gptneox.embedding_length', { type: 'UINT32', value: 512 }],
          ['gptneox.attention.head_count', { type: 'UINT32', value: 8 }],
          ...(dimensions === undefined ? [] : [['gptneox.rope.dimension_count', { type: 'UINT32', value: dimensions }] as const]),
        ]),
        new Map(),
      )
    expect(part.toGguf({ dimensions: 16, share: 0.25 })).toEqual([['rope.dimension_count', { type: 'UINT32', value: 16 }]])
    expect(part.fromGguf(view(16))).toEqual({ dimensions: 16, share: 0.25 })
    expect(part.fromGguf(view(undefined))).toEqual({ dimensions: 64, share: 1 })
  })
})
