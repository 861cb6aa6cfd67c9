// Q2_0: 64 numbers as levels -1 … 2 with one half scale, the largest magnitude.
// struct block_q2_0 (ggml-common.h): half d, uint8 qs[16]; bits 2 (i % 4) of byte i / 4 hold level i plus 1.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { roundHalfAway } from '../search/nearest-integer.ts'

export const q2_0 = defineBlockType({
  type: 'Q2_0',
  halves: [0],
  groupSize: 64,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = readHalf(source, at)
    for (let i = 0; i < 64; i++) levels[firstLevel + i] = ((source[at + 2 + (i >> 2)]! >> (2 * (i & 3))) & 3) - 1
  },
  quantizeBlock(source, first, destination, at) {
    let magnitude = 0
    for (let i = 0; i < 64; i++) magnitude = Math.max(magnitude, Math.abs(source[first + i]!))
    const inverse = magnitude > 0 ? Math.fround(1 / magnitude) : 0
    writeHalf(destination, at, magnitude)
    for (let byte = 0; byte < 16; byte++) {
      let bits = 0
      for (let i = 0; i < 4; i++) bits |= storedLevel(Math.fround(source[first + 4 * byte + i]! * inverse)) << (2 * i)
      destination[at + 2 + byte] = bits
    }
  },
})

/** The inverse of a subnormal magnitude is infinite; on x86 such a product turns into the lowest integer, hence level -1. */
function storedLevel(scaled: number): number {
  if (!Number.isFinite(scaled)) return 0
  return Math.max(0, Math.min(3, roundHalfAway(scaled) + 1))
}
