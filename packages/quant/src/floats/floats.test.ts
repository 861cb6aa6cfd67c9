// Number formats beside float32: every 16-bit pattern, the edges of rounding, overflow, and each checkpoint dtype.
import { DTYPES, type Dtype, FsError } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bf16 } from '../types/bf16.ts'
import { f16 } from '../types/f16.ts'
import {
  bfloat16ToFloat,
  decodeFloats,
  float8e4m3ToFloat,
  float8e5m2ToFloat,
  floatToBfloat16,
  floatToHalf,
  halfToFloat,
  scanOverflow,
} from './index.ts'

const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true })

describe('half precision', () => {
  test('every half survives the way through float32; NaNs become quiet', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const notANumber = (bits & 0x7fff) > 0x7c00
      expect(floatToHalf(halfToFloat(bits))).toBe(notANumber ? (bits & 0x8000) | 0x7e00 : bits)
    }
  })

  test('rounds to nearest, ties to even', () => {
    expect(floatToHalf(1 + 2 ** -11)).toBe(0x3c00)
    expect(floatToHalf(1 + 3 * 2 ** -11)).toBe(0x3c02)
    expect(floatToHalf(2 ** -25)).toBe(0) // half the smallest subnormal
    expect(floatToHalf(-(2 ** -25 + 2 ** -40))).toBe(0x8001)
    expect(floatToHalf(65519.99)).toBe(0x7bff)
    expect(floatToHalf(65520)).toBe(0x7c00)
  })

  test('is the nearest half for any float32', () => {
    fc.assert(
      fc.property(anyFloat, (value) => {
        const bits = floatToHalf(value) & 0x7fff
        if (bits === 0x7c00) return Math.abs(value) >= 65520
        const error = Math.abs(Math.abs(value) - halfToFloat(bits))
        const above = bits === 0x7bff ? 65536 : halfToFloat(bits + 1)
        return error <= above - Math.abs(value) && (bits === 0 || error <= Math.abs(value) - halfToFloat(bits - 1))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('bfloat16', () => {
  test('every pattern survives the way through float32; NaNs become quiet', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const notANumber = (bits & 0x7fff) > 0x7f80
      expect(floatToBfloat16(bfloat16ToFloat(bits))).toBe(notANumber ? bits | 0x40 : bits)
    }
  })

  test('rounds to nearest, ties to even, and keeps subnormals', () => {
    expect(floatToBfloat16(1 + 2 ** -8)).toBe(0x3f80)
    expect(floatToBfloat16(1 + 3 * 2 ** -8)).toBe(0x3f82)
    expect(floatToBfloat16(2 ** -133)).toBe(1)
    expect(floatToBfloat16(3.4e38)).toBe(0x7f80)
  })
})

test('whole tensors convert as single numbers do', () => {
  fc.assert(
    fc.property(fc.array(fc.float(), { maxLength: 40 }), (numbers) => {
      const values = Float32Array.from(numbers.filter((value) => !(Math.abs(value) >= 65504 && Number.isFinite(value))))
      const bytes = new Uint8Array(2 * values.length)
      const words = new Uint16Array(bytes.buffer)
      f16.quantize?.(values, bytes)
      expect([...words]).toEqual([...values].map(floatToHalf))
      bf16.quantize?.(values, bytes)
      expect([...words]).toEqual([...values].map(floatToBfloat16))
    }),
  )
})

test('decodes halves that do not start on an even byte', () => {
  const destination = new Float32Array(2)
  decodeFloats('F16', new Uint8Array([0xff, 0x00, 0x3c, 0x00, 0xc0]).subarray(1), destination)
  expect([...destination]).toEqual([1, -2])
})

describe('overflow', () => {
  test('a finite number never becomes infinite in silence', () => {
    const values = new Float32Array([1, -70000, Number.POSITIVE_INFINITY, 1e6])
    expect(() => f16.quantize?.(values, new Uint8Array(8))).toThrow(expect.objectContaining({ code: 'quant/overflow' }))
    expect(scanOverflow(values, 'F16')).toEqual({ index: 1, value: -70000, count: 2 })
    expect(scanOverflow(values, 'BF16')).toBeUndefined()
    expect(scanOverflow(new Float32Array([3.3961775e38]), 'BF16')).toEqual({ index: 0, value: Math.fround(3.3961775e38), count: 1 })
  })

  test('scanning agrees with casting', () => {
    const edge = fc.constantFrom(65519.996, 65520, 65504, 3.3895314e38, 3.3961773e38, 3.3961775e38, Number.POSITIVE_INFINITY)
    fc.assert(
      fc.property(edge, fc.boolean(), (magnitude, negative) => {
        const value = Math.fround(negative ? -magnitude : magnitude)
        const values = new Float32Array([value])
        const isInfinite = Number.isFinite(value) && (floatToHalf(value) & 0x7fff) === 0x7c00
        expect(scanOverflow(values, 'F16') !== undefined).toBe(isInfinite)
        expect(scanOverflow(values, 'BF16') !== undefined).toBe(Number.isFinite(value) && (floatToBfloat16(value) & 0x7fff) === 0x7f80)
      }),
    )
  })

  test('an infinity that was in the source stays', () => {
    const bytes = new Uint8Array(4)
    f16.quantize?.(new Float32Array([Number.NEGATIVE_INFINITY, Number.NaN]), bytes)
    expect([...bytes]).toEqual([0x00, 0xfc, 0x00, 0x7e])
  })
})

describe('8-bit floats', () => {
  test('E4M3 has no infinity, E5M2 has', () => {
    expect([0x00, 0x01, 0x38, 0x7e, 0xfe, 0x80].map(float8e4m3ToFloat)).toEqual([0, 2 ** -9, 1, 448, -448, -0])
    expect(float8e4m3ToFloat(0x7f)).toBeNaN()
    expect([0x01, 0x3c, 0x7b, 0x7c, 0xfc].map(float8e5m2ToFloat)).toEqual([
      2 ** -16,
      1,
      57344,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ])
    expect(float8e5m2ToFloat(0x7d)).toBeNaN()
  })
})

describe('checkpoint dtypes', () => {
  const cases: { readonly [type in Dtype]: readonly [bytes: ArrayBufferView, value: number] } = {
    BOOL: [new Uint8Array([1]), 1],
    U8: [new Uint8Array([200]), 200],
    I8: [new Int8Array([-100]), -100],
    F8_E5M2: [new Uint8Array([0xbc]), -1],
    F8_E4M3: [new Uint8Array([0xb8]), -1],
    I16: [new Int16Array([-30000]), -30000],
    U16: [new Uint16Array([60000]), 60000],
    F16: [new Uint16Array([0xbc00]), -1],
    BF16: [new Uint16Array([0xbf80]), -1],
    I32: [new Int32Array([-(2 ** 31)]), -(2 ** 31)],
    U32: [new Uint32Array([2 ** 32 - 1]), 2 ** 32],
    F32: [new Float32Array([0.1]), Math.fround(0.1)],
    F64: [new Float64Array([0.1]), Math.fround(0.1)],
    // 2^62 + 2^38 lies half way between two float32 numbers; the last bit decides, and a double would have lost it.
    I64: [new BigInt64Array([-(2n ** 62n + 2n ** 38n + 1n)]), -(2 ** 62 + 2 ** 39)],
    U64: [new BigUint64Array([2n ** 62n + 2n ** 38n]), 2 ** 62],
  }

  test.each(Object.keys(DTYPES) as Dtype[])('%s', (type) => {
    const [stored, value] = cases[type]
    const destination = new Float32Array(1)
    decodeFloats(type, new Uint8Array(stored.buffer), destination)
    expect(destination[0]).toBe(value)
    expect(() => decodeFloats(type, new Uint8Array(stored.byteLength + 1), destination)).toThrow(FsError)
  })
})
