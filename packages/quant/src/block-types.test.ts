// The conformance suite of block types: every line of the table goes through all of it, so a new type is tested by being registered.
// What one type does beyond the common contract is tested beside that type.
import { FsError, GGML_TYPES } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BlockType } from './block-type.ts'
import { BLOCK_TYPES, type BlockTypeName, encodableType } from './block-types.ts'
import { fixtureBytes, fixtureFloats, importance, ROW_LENGTH, rows } from './fixtures.test-support.ts'

/**
 * The largest error of a decoded number, as a share of the largest magnitude in its block: half a level of the type, and more where scales
 * are themselves quantized, groups share a sign rule, or a codebook is sparse. Measured on random blocks, rounded up.
 */
const ERROR_BOUNDS = {
  F32: 0,
  F16: 2 ** -11,
  Q4_0: 1 / 8,
  Q8_0: 1 / 250,
  Q2_K: 1,
  Q3_K: 1,
  Q4_K: 1,
  Q5_K: 1,
  Q6_K: 1 / 25,
  BF16: 2 ** -8,
} as const satisfies { readonly [Type in BlockTypeName]: number }

const encodable = (Object.keys(BLOCK_TYPES) as BlockTypeName[]).filter((name) => (BLOCK_TYPES[name] as BlockType).quantize !== undefined)

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
    const expected = fixtureFloats(`${stem}.deq.f32`)
    const bytes = fixtureBytes(`${stem}.bin`) ?? fixtureBytes(`${stem}_imatrix.bin`)
    if (expected === undefined || bytes === undefined) return skip('no fixture for this type')
    expectSameBytes(new Uint8Array(decode(name, bytes).buffer), new Uint8Array(expected.buffer))
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

describe.each(encodable)('%s encoding', (name) => {
  const type = encodableType(name)
  const stem = name.toLowerCase()

  test('gives ggml’s bytes without importance weights', ({ skip }) => {
    const expected = fixtureBytes(`${stem}.bin`)
    if (expected === undefined) return skip(`ggml does not encode ${name} without weights, or there is no fixture`)
    expectSameBytes(encode(name, rows), expected)
  })

  test('gives ggml’s bytes with importance weights', ({ skip }) => {
    const expected = fixtureBytes(`${stem}_imatrix.bin`)
    if (expected === undefined) return skip(`ggml ignores weights for ${name}`)
    expectSameBytes(encode(name, rows, importance), expected)
  })

  test('looks at importance weights exactly when it says so', () => {
    if (type.importance === 'required') expect(code(() => encode(name, rows))).toBe('quant/importance-required')
    if (type.importance === 'ignored') expect(encode(name, rows, importance)).toEqual(encode(name, rows))
    if (type.importance === 'optional') expect(encode(name, rows, importance)).not.toEqual(encode(name, rows))
  })

  test('stays within its error bound', () => {
    fc.assert(
      fc.property(weights(type.blockSize * 2), (values) => {
        const decoded = decode(name, encodePlainly(name, values))
        for (let start = 0; start < values.length; start += type.blockSize) {
          const block = values.subarray(start, start + type.blockSize)
          const largest = block.reduce((magnitude, value) => Math.max(magnitude, Math.abs(value)), 0)
          const error = block.reduce((worst, value, index) => Math.max(worst, Math.abs(value - decoded[start + index]!)), 0)
          // 6e-8, the smallest half, is what a scale can be off by.
          expect(error).toBeLessThanOrEqual(ERROR_BOUNDS[name] * largest + 256 * 6e-8)
        }
      }),
      { numRuns: 40 },
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
