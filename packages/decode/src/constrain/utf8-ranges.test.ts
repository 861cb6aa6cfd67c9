import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ByteSequence, utf8Sequences } from './utf8-ranges.ts'

const matches = (sequences: readonly ByteSequence[], codePoint: number) => {
  const bytes = new TextEncoder().encode(String.fromCodePoint(codePoint))
  return sequences.filter(
    (sequence) => sequence.length === bytes.length && sequence.every(([low, high], i) => low <= bytes[i]! && bytes[i]! <= high),
  ).length
}

test('all of Unicode is what the standard lists as well-formed (table 3-7)', () => {
  expect(utf8Sequences(0, 0x10ffff)).toEqual([
    [[0x00, 0x7f]],
    [
      [0xc2, 0xdf],
      [0x80, 0xbf],
    ],
    [
      [0xe0, 0xe0],
      [0xa0, 0xbf],
      [0x80, 0xbf],
    ],
    [
      [0xe1, 0xec],
      [0x80, 0xbf],
      [0x80, 0xbf],
    ],
    [
      [0xed, 0xed],
      [0x80, 0x9f],
      [0x80, 0xbf],
    ],
    [
      [0xee, 0xef],
      [0x80, 0xbf],
      [0x80, 0xbf],
    ],
    [
      [0xf0, 0xf0],
      [0x90, 0xbf],
      [0x80, 0xbf],
      [0x80, 0xbf],
    ],
    [
      [0xf1, 0xf3],
      [0x80, 0xbf],
      [0x80, 0xbf],
      [0x80, 0xbf],
    ],
    [
      [0xf4, 0xf4],
      [0x80, 0x8f],
      [0x80, 0xbf],
      [0x80, 0xbf],
    ],
  ])
})

test('property: each character of a range has exactly one sequence, each other none', () => {
  const codePoint = fc.oneof(
    fc.integer({ min: 0, max: 0x10ffff }),
    fc.constantFrom(0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff),
  )
  fc.assert(
    fc.property(codePoint, codePoint, codePoint, (a, b, probe) => {
      fc.pre(probe < 0xd800 || probe > 0xdfff)
      const [low, high] = a < b ? [a, b] : [b, a]
      const sequences = utf8Sequences(low, high)
      expect(matches(sequences, probe)).toBe(low <= probe && probe <= high ? 1 : 0)
      for (const end of [low, high]) if (end < 0xd800 || end > 0xdfff) expect(matches(sequences, end)).toBe(1)
    }),
    { numRuns: 500 },
  )
})
