import { expect, test } from 'vitest'
import { philox, uniformAt } from './random.ts'

// Known answers of the authors' Random123 library (kat_vectors, philox 4x32 10).
const KNOWN = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as const

test.each(KNOWN)('block %#', (counter, key, words) => {
  expect(philox(counter, key)).toEqual(words)
})

test('draws are a function of seed and position, in [0, 1), and spread evenly', () => {
  const draws = Array.from({ length: 20_000 }, (_, position) => uniformAt(42, position))
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true)
  expect(uniformAt(42, 12_345)).toBe(draws[12_345])
  expect(uniformAt(43, 12_345)).not.toBe(draws[12_345])
  const counts = new Array<number>(20).fill(0)
  for (const draw of draws) counts[Math.floor(draw * 20)]! += 1
  const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  // 19 degrees of freedom: above 43.8 once in a thousand seeds.
  expect(chiSquare).toBeLessThan(43.8)
})

test('seeds beyond 32 bits differ', () => {
  expect(uniformAt(2 ** 40, 0)).not.toBe(uniformAt(0, 0))
  expect(uniformAt(1, 2 ** 40)).not.toBe(uniformAt(1, 0))
})
