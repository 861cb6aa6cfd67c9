// MXFP4's scale is floor(log2) of a logarithm that C has rounded to float32 first. Expected bytes: ggml (llama.cpp v0.5.0) with glibc.
import { expect, test } from 'vitest'
import { mxfp4 } from './mxfp4.ts'

function encodeMagnitude(value: number): Uint8Array {
  const numbers = new Float32Array(32)
  numbers[0] = value
  const block = new Uint8Array(17)
  mxfp4.quantize?.(numbers, block)
  return block
}

test.each([
  [1, 125],
  [1 - 2 ** -24, 124], // the logarithm is a float32 number of its own
  [8 * (1 - 2 ** -24), 128], // rounds to 3, as if it were 8
  [8 * (1 - 2 * 2 ** -24), 127],
  [2 ** -9 * (1 - 5 * 2 ** -24), 116],
  [2 ** -9 * (1 - 6 * 2 ** -24), 115],
  [2 ** 127 * (1 - 44 * 2 ** -24), 252],
  [2 ** 127 * (1 - 45 * 2 ** -24), 251],
  [2 ** -125, 0],
  [2 ** -127, 254], // below 0 the byte wraps around, and all levels are 0
  [1e-40, 248],
])('magnitude %d gets scale byte %i', (magnitude, scale) => {
  expect(encodeMagnitude(magnitude)[0]).toBe(scale)
})

test('where ggml would write a scale it refuses itself, the smallest scale is used', () => {
  const block = encodeMagnitude(2 ** -126)
  expect(block[0]).toBe(0) // ggml: 255
  const decoded = new Float32Array(32)
  mxfp4.dequantize(block, decoded)
  expect(decoded[0]).toBe(2 ** -126)
})
