// The kernel's bytes are those of the plain version, whatever the row length and the numbers.
import { FsError } from '@fs/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quantizeRowsInt8 } from '../litert/index.ts'
import { wasmRowsInt8 } from './index.ts'

const quantize = await wasmRowsInt8()

test('equals the plain version, ties and tiny rows included', () => {
  const number = fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -254, max: 254 }).map((value) => value / 2),
    fc.constantFrom(0, -0, 127, 1e-12, -1e-30),
  )
  const rows = fc
    .integer({ min: 1, max: 40 })
    .chain((length) =>
      fc.tuple(fc.constant(length), fc.array(fc.array(number, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 4 })),
    )
  fc.assert(
    fc.property(rows, ([rowLength, numbers]) => {
      const values = Float32Array.from(numbers.flat())
      const { data, scales } = quantize(values, rowLength)
      const expected = quantizeRowsInt8(values, rowLength)
      expect(scales).toEqual(expected.scales)
      expect(data).toEqual(expected.data)
    }),
  )
})

test('grows with its input, and refuses what the plain version refuses', () => {
  const values = Float32Array.from({ length: 1 << 20 }, (_, index) => Math.sin(index))
  expect(quantize(values, 4096)).toEqual(quantizeRowsInt8(values, 4096))
  const refusal = (action: () => unknown) => {
    try {
      return action()
    } catch (error) {
      return FsError.is(error) ? error.code : error
    }
  }
  expect(refusal(() => quantize(Float32Array.of(1, Number.NaN), 2))).toBe('quant/not-finite')
  expect(refusal(() => quantize(Float32Array.of(1, 2, 3), 2))).toBe('quant/buffer-length')
  expect(refusal(() => quantize(Float32Array.of(1, 2), 0))).toBe('quant/buffer-length')
})
