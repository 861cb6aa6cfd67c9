// Levels and scales equal Google's own quantizer, and stay within half a level of the weights.
import { FsError } from '@fs/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fixtureBytes, fixtureFloats, ROW_LENGTH, rows } from '../fixtures.test-support.ts'
import { quantizeBlocksInt4, quantizeRowsInt8 } from './index.ts'

function bytesOf(view: Int8Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

function code(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return FsError.is(error) ? error.code : String(error)
  }
  return 'no error'
}

test('int8 rows equal ai-edge-quantizer’s', () => {
  const { data, scales } = quantizeRowsInt8(rows, ROW_LENGTH)
  expect(scales).toEqual(fixtureFloats('litert/int8.scales.f32'))
  expect(bytesOf(data)).toEqual(fixtureBytes('litert/int8.bin'))
})

test.each([32, 128] as const)('int4 blocks of %i equal ai-edge-quantizer’s', (blockSize) => {
  const { data, scales } = quantizeBlocksInt4(rows, ROW_LENGTH, blockSize)
  expect(scales).toEqual(fixtureFloats(`litert/int4_block${blockSize}.scales.f32`))
  expect(bytesOf(data)).toEqual(fixtureBytes(`litert/int4_block${blockSize}.bin`))
})

test('int8 is within half a level, with the largest magnitude at 127', () => {
  const row = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 16, maxLength: 16 })
  fc.assert(
    fc.property(row, (numbers) => {
      const values = Float32Array.from(numbers)
      const { data, scales } = quantizeRowsInt8(values, 16)
      const scale = scales[0]!
      for (let i = 0; i < 16; i++) expect(Math.abs(data[i]! * scale - values[i]!)).toBeLessThanOrEqual(scale * 0.5001)
      const largest = Math.max(...numbers.map(Math.abs))
      if (largest > 1e-8) expect(Math.max(...[...data].map(Math.abs))).toBe(127)
    }),
  )
})

test('int4 packs the first level into the low nibble, and tiny blocks decode to zero', () => {
  const values = new Float32Array(32)
  values[0] = 7
  values[1] = -1
  expect(quantizeBlocksInt4(values, 32, 32).data[0]! & 255).toBe(0xf7)
  const tiny = values.map((value) => value * 1e-12)
  expect([...quantizeBlocksInt4(tiny, 32, 32).scales]).toEqual([0])
})

test('refuses what it cannot hold', () => {
  const values = new Float32Array(64)
  expect(code(() => quantizeRowsInt8(values, 48))).toBe('quant/buffer-length')
  expect(code(() => quantizeRowsInt8(values, 0))).toBe('quant/buffer-length')
  expect(code(() => quantizeBlocksInt4(values, 64, 128))).toBe('quant/row-length')
  values[5] = Number.NaN
  expect(code(() => quantizeRowsInt8(values, 64))).toBe('quant/not-finite')
  values[5] = 1e7
  expect(code(() => quantizeBlocksInt4(values, 64, 32))).toBe('quant/overflow')
})
