// Rounding to 8 bits: the error is what the comment promises, whatever the weights are stored as.
import { FsError } from '@fs/core'
import { plainRowCodec } from '@fs/quant'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wholeTensor } from '../graph-tensor.ts'
import type { WeightReader } from '../weight-reader.ts'
import { roundedArrays, roundedFormat } from './rounded-arrays.ts'

const floats = (values: Float32Array, rowLength: number): WeightReader => ({
  typeOf: () => 'F32',
  read: async (_name, firstRow, rows) => ({
    type: 'F32',
    bytes: new Uint8Array(values.slice(firstRow * rowLength, (firstRow + rows) * rowLength).buffer),
  }),
})

test('blocks are as wide as the rows allow', () => {
  expect([4096, 64, 32, 48, 17].map((length) => roundedFormat(length)?.blockSize ?? null)).toEqual([128, 64, 32, 16, null])
})

test('each weight is the nearest multiple of its block’s largest over 127', async () => {
  const row = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 256, maxLength: 256 })
  await fc.assert(
    fc.asyncProperty(row, async (numbers) => {
      const values = Float32Array.from(numbers)
      const { integers, scales } = await roundedArrays(
        [wholeTensor('w', 2)],
        roundedFormat(128)!,
        128,
        floats(values, 128),
        plainRowCodec(),
      )
      for (const [index, value] of values.entries()) {
        const scale = scales[Math.floor(index / 128)]!
        expect(Math.abs(scale * (integers[index]! - 128) - value)).toBeLessThanOrEqual(scale * 0.5001)
        expect(scale * 127).toBeLessThanOrEqual(4.0001)
      }
    }),
  )
})

test('rows of a large weight are read in bands, in order', async () => {
  // 3 x 2^22 numbers and a row: four bands.
  const rowLength = 1 << 20
  const rows = 13
  const asked: number[][] = []
  const weights: WeightReader = {
    typeOf: () => 'F32',
    read: async (_name, firstRow, count) => {
      asked.push([firstRow, count])
      const values = new Float32Array(count * rowLength)
      for (let row = 0; row < count; row++) values.fill(firstRow + row + 1, row * rowLength, (row + 1) * rowLength)
      return { type: 'F32', bytes: new Uint8Array(values.buffer) }
    },
  }
  const { integers, scales } = await roundedArrays([wholeTensor('w', rows)], roundedFormat(rowLength)!, rowLength, weights, plainRowCodec())
  expect(asked).toEqual([
    [0, 4],
    [4, 4],
    [8, 4],
    [12, 1],
  ])
  for (let row = 0; row < rows; row++) {
    expect(scales[(row * rowLength) / 128]! * 127).toBeCloseTo(row + 1, 5)
    expect(integers[row * rowLength]).toBe(255)
  }
})

test('a weight of another length is refused', async () => {
  const attempt = roundedArrays([wholeTensor('w', 3)], roundedFormat(32)!, 32, floats(new Float32Array(64), 32), plainRowCodec())
  await expect(attempt).rejects.toSatisfy((error) => FsError.is(error) && error.code === 'onnx/weight-shape')
})
