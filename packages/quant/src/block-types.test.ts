// The conformance suite of block types: every line of the table goes through all of it, so a new type is tested by being registered.
// What one type does beyond the common contract is tested beside that type.
import { FsError, GGML_TYPES } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BlockType } from './block-type.ts'
import { BLOCK_TYPES, type BlockTypeName, encodableType } from './block-types.ts'
import { fixtureBytes, fixtureFloats, importance, ROW_LENGTH, rows } from './fixtures.test-support.ts'
import { floatBytesView } from './floats/views.ts'

/**
 * Root mean square error over root mean square for 1024 normally distributed weights. Measured over 200 draws; the bounds lie 15 % or so above
 * the worst, so a type that loses half a bit fails.
 */
const ERROR_BOUNDS = {
  F32: 0,
  F16: 0.00025,
  Q4_0: 0.11,
  Q4_1: 0.1,
  Q5_0: 0.055,
  Q5_1: 0.05,
  Q8_0: 0.007,
  Q8_1: 0.007,
  Q2_K: 0.36,
  Q3_K: 0.18,
  Q4_K: 0.085,
  Q5_K: 0.043,
  Q6_K: 0.021,
  IQ2_XXS: 0.4,
  IQ2_XS: 0.35,
  IQ3_XXS: 0.26,
  IQ1_S: 0.56,
  IQ4_NL: 0.095,
  IQ3_S: 0.21,
  IQ2_S: 0.33,
  IQ4_XS: 0.095,
  IQ1_M: 0.7,
  BF16: 0.002,
  TQ1_0: 0.95,
  TQ2_0: 0.95,
  MXFP4: 0.15,
  NVFP4: 0.13,
  Q1_0: 0.66,
  Q2_0: 0.82,
} as const satisfies { readonly [Type in Exclude<BlockTypeName, 'Q8_K'>]: number }

const encodable = Object.keys(ERROR_BOUNDS) as (keyof typeof ERROR_BOUNDS)[]

function encode(name: BlockTypeName, values: Float32Array, weights?: Float32Array): Uint8Array {
  const type = encodableType(name)
  const encoded = new Uint8Array((values.length / type.blockSize) * type.blockBytes)
  type.quantize(values, encoded, weights)
  return encoded
}

function decode(name: BlockTypeName, bytes: Uint8Array): Float32Array {
  const type = BLOCK_TYPES[name]
  const values = new Float32Array((bytes.length / type.blockBytes) * type.blockSize)
  type.dequantize(bytes, values)
  return values
}

/** Encodes as the type demands: with weights only where it cannot do without. */
function encodePlainly(name: BlockTypeName, values: Float32Array): Uint8Array {
  if (BLOCK_TYPES[name].importance !== 'required') return encode(name, values)
  return encode(name, values, new Float32Array(values.length).fill(1))
}

/** Says where two byte strings differ first, instead of printing both. */
function expectSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  const differing = [...actual.keys()].filter((index) => actual[index] !== expected[index])
  expect({ length: actual.length, differing: differing.length, first: differing[0] }).toEqual({ length: expected.length, differing: 0 })
}

function code(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return FsError.is(error) ? error.code : String(error)
  }
  return 'no error'
}

/** Normally distributed with the spread of a trained model's weights, by a linear congruential generator (Numerical Recipes) and Box-Muller. */
function normalWeights(count: number, seed: number): Float32Array {
  let state = seed >>> 0
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 1) / 2 ** 32
  }
  return Float32Array.from({ length: count }, () => 0.02 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()))
}

/** One block's worth of weights: mostly ordinary, some zero, tiny (subnormal included) or large. */
function weights(count: number): fc.Arbitrary<Float32Array> {
  const number = fc.oneof(
    { weight: 8, arbitrary: fc.float({ min: -2, max: 2, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.float({ min: Math.fround(-1e-38), max: Math.fround(1e-38), noNaN: true }) },
    { weight: 1, arbitrary: fc.float({ min: -1000, max: 1000, noNaN: true }) },
  )
  return fc.array(number, { minLength: count, maxLength: count }).map((values) => Float32Array.from(values))
}

describe.each(Object.keys(BLOCK_TYPES) as BlockTypeName[])('%s', (name) => {
  const type: BlockType = BLOCK_TYPES[name]
  const stem = name.toLowerCase()

  test('is registered under its own name with ggml’s sizes', () => {
    expect(type.type).toBe(name)
    expect({ blockSize: type.blockSize, blockBytes: type.blockBytes }).toMatchObject({
      blockSize: GGML_TYPES[name].blockSize,
      blockBytes: GGML_TYPES[name].blockBytes,
    })
  })

  test('refuses buffers of the wrong length', () => {
    expect(code(() => type.dequantize(new Uint8Array(type.blockBytes), new Float32Array(2 * type.blockSize)))).toBe('quant/buffer-length')
    if (type.blockSize > 1) {
      expect(code(() => type.dequantize(new Uint8Array(type.blockBytes), new Float32Array(type.blockSize + 1)))).toBe('quant/row-length')
    }
  })

  test('decodes ggml’s bytes to ggml’s floats', ({ skip }) => {
    if (name === 'Q8_1') return skip('ggml has no decoder for Q8_1 on its own')
    const source = /^iq[12]/.test(stem) ? `${stem}_imatrix` : stem
    const expected = name === 'F32' ? rows : fixtureFloats(`${source}.deq.f32`)
    const bytes = name === 'F32' ? floatBytesView(rows) : fixtureBytes(`${source}.bin`)
    expectSameBytes(floatBytesView(decode(name, bytes)), floatBytesView(expected))
  })

  test('takes any bytes apart into levels, scales and minimums that give the decoded numbers', () => {
    const { decompose, groupSize } = type
    if (decompose === undefined || groupSize === undefined) {
      expect(['F32', 'F16', 'BF16']).toContain(name)
      return
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2 * type.blockBytes, maxLength: 2 * type.blockBytes }), (bytes) => {
        const levels = new Int8Array(2 * type.blockSize)
        const scales = new Float32Array(levels.length / groupSize)
        const minimums = new Float32Array(type.hasMinimums ? scales.length : 0)
        decompose(bytes, levels, scales, minimums)
        const decoded = decode(name, bytes)
        for (let i = 0; i < levels.length; i++) {
          const group = Math.floor(i / groupSize)
          const value = Math.fround(scales[group]! * levels[i]!) - (minimums[group] ?? 0)
          expect(Math.fround(value)).toBe(decoded[i])
        }
      }),
      { numRuns: 20 },
    )
    const block = new Uint8Array(type.blockBytes)
    const none = new Float32Array(0)
    expect(code(() => decompose(block, new Int8Array(type.blockSize), none, none))).toBe('quant/buffer-length')
  })

  test('decodes any bytes without failing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: type.blockBytes, maxLength: type.blockBytes }), (bytes) => {
        expect(decode(name, bytes)).toHaveLength(type.blockSize)
      }),
      { numRuns: 50 },
    )
  })
})

test('every type but Q8_K can be encoded', () => {
  const names = Object.keys(BLOCK_TYPES) as BlockTypeName[]
  expect(names.filter((name) => (BLOCK_TYPES[name] as BlockType).quantize === undefined)).toEqual(['Q8_K'])
  expect(new Set(encodable)).toEqual(new Set(names.filter((name) => name !== 'Q8_K')))
  expect(code(() => encodableType('Q8_K'))).toBe('quant/not-encodable')
  expect(code(() => encodableType('I32'))).toBe('quant/not-encodable')
})

describe.each(encodable)('%s encoding', (name) => {
  const type = encodableType(name)
  const stem = name.toLowerCase()

  test('gives ggml’s bytes without importance weights, or asks for them', () => {
    if (type.importance === 'required') expect(code(() => encode(name, rows))).toBe('quant/importance-required')
    else expectSameBytes(encode(name, rows), name === 'F32' ? floatBytesView(rows) : fixtureBytes(`${stem}.bin`))
  })

  test('gives ggml’s bytes with importance weights, or ignores them', () => {
    if (type.importance === 'ignored') expectSameBytes(encode(name, rows, importance), encode(name, rows))
    else expectSameBytes(encode(name, rows, importance), fixtureBytes(`${stem}_imatrix.bin`))
  })

  test('stays within its error bound', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const values = normalWeights(1024, seed)
        const decoded = decode(name, encodePlainly(name, values))
        let errors = 0
        let squares = 0
        for (let index = 0; index < values.length; index++) {
          errors += (values[index]! - decoded[index]!) ** 2
          squares += values[index]! ** 2
        }
        expect(Math.sqrt(errors / squares)).toBeLessThanOrEqual(ERROR_BOUNDS[name])
      }),
      { numRuns: 10 },
    )
  })

  test('encodes a row the same alone and among others', () => {
    const all = encode(name, rows, importance)
    const rowBytes = (ROW_LENGTH / type.blockSize) * type.blockBytes
    for (let row = 0; row < rows.length / ROW_LENGTH; row++) {
      const alone = encode(name, rows.slice(row * ROW_LENGTH, (row + 1) * ROW_LENGTH), importance)
      expectSameBytes(alone, all.slice(row * rowBytes, (row + 1) * rowBytes))
    }
  })

  test('keeps zeros zero, and decodes to finite numbers whatever it accepted', () => {
    expect(decode(name, encodePlainly(name, new Float32Array(type.blockSize))).every((value) => value === 0)).toBe(true)
    const magnitude = fc.constantFrom(0, 1e-45, 1e-40, 1e-30, 1e-9, 1, 1e4, 6e5, 1e30, 3e38)
    fc.assert(
      fc.property(weights(type.blockSize), magnitude, fc.nat(type.blockSize - 1), (values, peak, place) => {
        values[place] = peak
        const outcome = code(() => expect(decode(name, encodePlainly(name, values)).every(Number.isFinite)).toBe(true))
        expect(['no error', 'quant/overflow']).toContain(outcome)
      }),
      { numRuns: 60 },
    )
  })

  test('refuses finite weights that ggml’s searches would lose without a word', () => {
    if (type.blockSize === 1 || name === 'MXFP4') return
    for (const value of [2 ** 31, 5e17, -2e19, 3e38]) {
      const row = new Float32Array(ROW_LENGTH).fill(0.5)
      row[3] = value
      expect(code(() => encode(name, row, importance))).toBe('quant/overflow')
      expect(code(() => encode(name, new Float32Array(ROW_LENGTH).fill(value), importance))).toBe('quant/overflow')
    }
  })

  test('refuses weights of the wrong length or value', () => {
    if (type.blockSize === 1) return
    const row = new Float32Array(type.blockSize * 2)
    const column = (length: number) => new Float32Array(length).fill(1)
    expect(code(() => encode(name, row, column(type.blockSize + 1)))).toBe('quant/importance-length')
    expect(code(() => encode(name, row, column(0)))).toBe('quant/importance-length')
    expect(code(() => encode(name, row, column(type.blockSize).fill(Number.NaN)))).toBe('quant/importance-value')
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %s in a block, naming its index', (value) => {
    if (type.blockSize === 1) return
    const row = new Float32Array(type.blockSize * 2)
    row[type.blockSize + 3] = value
    let error: unknown
    try {
      encodePlainly(name, row)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'quant/not-finite', details: { type: name, index: type.blockSize + 3, value } })
  })
})
