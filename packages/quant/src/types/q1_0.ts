// Q1_0: 128 numbers as signs with one half scale, the mean magnitude.
// struct block_q1_0 (ggml-common.h): half d, uint8 qs[16]; bit i % 8 of byte i / 8 is set where number i is not negative.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'

export const q1_0 = defineBlockType({
  type: 'Q1_0',
  halves: [0],
  groupSize: 128,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = readHalf(source, at)
    for (let i = 0; i < 128; i++) levels[firstLevel + i] = (source[at + 2 + (i >> 3)]! >> (i & 7)) & 1 ? 1 : -1
  },
  quantizeBlock(source, first, destination, at) {
    let sum = 0
    for (let i = 0; i < 128; i++) sum = Math.fround(sum + Math.abs(source[first + i]!))
    writeHalf(destination, at, Math.fround(sum / 128))
    for (let byte = 0; byte < 16; byte++) {
      let bits = 0
      for (let bit = 0; bit < 8; bit++) bits |= (source[first + 8 * byte + bit]! >= 0 ? 1 : 0) << bit
      destination[at + 2 + byte] = bits
    }
  },
})
