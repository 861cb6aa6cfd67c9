// Where ggml treats Q5_K and Q4_K differently: negative scales, which come out where most importance weights are zero. Expected bytes: ggml
// (llama.cpp v0.5.0).
import { expect, test } from 'vitest'
import { q4_k } from './q4_k.ts'
import { q5_k } from './q5_k.ts'

const hash = (i: number) => ((Math.imul(25 * i + 25, 2654435761) >>> 8) % 1000) / 1000
const numbers = Float32Array.from({ length: 256 }, (_, i) => -3 - hash(i))
const importance = Float32Array.from({ length: 256 }, (_, i) => (hash(i + 77) < 0.9 ? 0 : hash(i + 177)))

test('a negative scale is limited to 63 in Q5_K, and keeps the bits of its byte in Q4_K', () => {
  const five = new Uint8Array(176)
  q5_k.quantize?.(numbers, five, importance)
  expect([...five.subarray(0, 16)]).toEqual([37, 22, 13, 44, 85, 86, 127, 65, 253, 254, 192, 244, 210, 244, 228, 244])
  const four = new Uint8Array(144)
  q4_k.quantize?.(numbers, four, importance)
  expect([...four.subarray(0, 16)]).toEqual([167, 20, 17, 44, 175, 152, 130, 248, 253, 248, 245, 255, 207, 223, 207, 255])
})
