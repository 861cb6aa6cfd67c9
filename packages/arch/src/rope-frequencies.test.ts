import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { llama3Factors, ropeFrequencies, yarnAttentionFactor } from './rope-frequencies.ts'

const rope = { base: 10000, dimensions: 8 }
const list = (values: ArrayLike<number>) => Array.from(values)

test('unscaled, pair i turns by base^(-2i/d) for each position', () => {
  const { frequencies, attentionFactor } = ropeFrequencies({ ...rope, scaling: { kind: 'none' } })
  expect(list(frequencies)).toEqual([1, 10000 ** -0.25, 10000 ** -0.5, 10000 ** -0.75])
  expect(attentionFactor).toBe(1)
})

test('linear scaling and given divisors slow every pair down', () => {
  const plain = list(ropeFrequencies({ ...rope, scaling: { kind: 'none' } }).frequencies)
  const linear = ropeFrequencies({ ...rope, scaling: { kind: 'linear', factor: 4 } }).frequencies
  expect(list(linear)).toEqual(plain.map((frequency) => frequency / 4))
  const divided = ropeFrequencies({ ...rope, scaling: { kind: 'factors', factors: [1, 2, 3, 4] } }).frequencies
  expect(list(divided)).toEqual(plain.map((frequency, pair) => frequency / (pair + 1)))
})

describe('llama3', () => {
  const scaling = { kind: 'llama3', factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 8192 } as const

  // rope_freqs.weight of Llama 3.2 1B as llama.cpp's converter computes it: base 500000, 64 dimensions.
  test('leaves short waves alone, stretches long ones by the whole factor, and blends between', () => {
    const factors = llama3Factors(scaling, 500000, 64)
    expect(factors).toHaveLength(32)
    expect(list(factors.subarray(0, 15))).toEqual(new Array(15).fill(1))
    expect(list(factors.subarray(18))).toEqual(new Array(14).fill(32))
    for (const blended of factors.subarray(15, 18)) {
      expect(blended).toBeGreaterThan(1)
      expect(blended).toBeLessThan(32)
    }
  })

  test('never speeds a pair up, nor slows it by more than the factor, and longer waves are never stretched less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 64 }), fc.integer({ min: 1, max: 64 }), (factor, pairs) => {
        const factors = llama3Factors({ ...scaling, factor }, 500000, pairs * 2)
        for (const [pair, value] of factors.entries()) {
          expect(value).toBeGreaterThanOrEqual(pair === 0 ? 1 : factors[pair - 1]!)
          expect(value).toBeLessThanOrEqual(factor)
        }
      }),
    )
  })
})

describe('longrope', () => {
  const scaling = {
    kind: 'longrope',
    shortFactors: [1, 1, 1, 1],
    longFactors: [2, 4, 8, 16],
    originalContextLength: 4096,
    attentionFactor: 1.19,
  } as const

  test('uses the long divisors only beyond the trained length', () => {
    const plain = list(ropeFrequencies({ ...rope, scaling: { kind: 'none' } }).frequencies)
    expect(list(ropeFrequencies({ ...rope, scaling }, 4096).frequencies)).toEqual(plain)
    const long = ropeFrequencies({ ...rope, scaling }, 4097)
    expect(list(long.frequencies)).toEqual(plain.map((frequency, pair) => frequency / 2 ** (pair + 1)))
    expect(long.attentionFactor).toBe(1.19)
  })
})

describe('yarn', () => {
  const scaling = {
    kind: 'yarn',
    factor: 4,
    originalContextLength: 32768,
    betaFast: 32,
    betaSlow: 1,
    attentionFactor: yarnAttentionFactor(4),
    truncate: true,
  } as const

  test('keeps fast pairs, slows the slowest by the whole factor, and ramps between', () => {
    const wide = { base: 1000000, dimensions: 128 }
    const plain = ropeFrequencies({ ...wide, scaling: { kind: 'none' } }).frequencies
    const { frequencies, attentionFactor } = ropeFrequencies({ ...wide, scaling })
    const slowdown = list(plain).map((frequency, pair) => frequency / frequencies[pair]!)
    expect(attentionFactor).toBeCloseTo(1.1386, 4)
    expect(slowdown[0]).toBe(1)
    expect(slowdown.at(-1)).toBeCloseTo(4, 12)
    for (let pair = 1; pair < slowdown.length; pair++) expect(slowdown[pair]).toBeGreaterThanOrEqual(slowdown[pair - 1]! - 1e-12)
  })

  test('an empty ramp is a step, not a division by zero', () => {
    const { frequencies } = ropeFrequencies({ ...rope, scaling: { ...scaling, originalContextLength: 1 } })
    expect(list(frequencies).every(Number.isFinite)).toBe(true)
  })

  test('asks for no attention factor where nothing is stretched', () => {
    expect(yarnAttentionFactor(1)).toBe(1)
    expect(yarnAttentionFactor(0.5)).toBe(1)
  })
})
