// The slip of ggml that IQ3_S blocks keep: a group of zeros between others moves the rest. Expected bytes: ggml (llama.cpp v0.5.0).
import { expect, test } from 'vitest'
import { iq3_s } from './iq3_s.ts'

test('a group of 32 zeros beside other numbers gives ggml’s bytes', () => {
  const numbers = Float32Array.from({ length: 256 }, (_, i) => (i >> 5 === 2 ? 0 : (((i * 37) % 101) - 50) / 64))
  const block = new Uint8Array(110)
  iq3_s.quantize?.(numbers, block)
  expect(btoa(String.fromCharCode(...block))).toBe(
    'NResre5Z6mGXvJkGMIbwqvusBjCGl6ytxlniYepqxxOiVDCGl6yt7lnqYZe+mQYwhvC3+6yt4lnqaAAAAAAAAAAAVa8AV/WrelVbWtKSlra0pGlLS1rS0paWtLSlJS1taUlLWtrSAAAAAP/w/e8=',
  )
})
