// Q4_0: 32 numbers as 4-bit levels -8 … 7 with one half scale. struct block_q4_0 (ggml-common.h): half d, uint8 qs[16],
// the low nibble of byte i being number i, the high one number i + 16.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { searchSignedScale } from '../search/signed-scale.ts'

const levels = new Uint8Array(32)
const weights = new Float32Array(32)

export const q4_0 = defineBlockType({
  type: 'Q4_0',
  halves: [0],
  groupSize: 32,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = readHalf(source, at)
    for (let i = 0; i < 16; i++) {
      const pair = source[at + 2 + i]!
      levels[firstLevel + i] = (pair & 15) - 8
      levels[firstLevel + 16 + i] = (pair >> 4) - 8
    }
  },
  /** The number of largest magnitude (the first, if several) becomes level -8 exactly. */
  quantizeBlock(source, first, destination, at) {
    let extreme = 0
    let magnitude = 0
    for (let i = 0; i < 32; i++) {
      const value = source[first + i]!
      const absolute = Math.abs(value)
      if (absolute > magnitude) {
        magnitude = absolute
        extreme = value
      }
    }
    const scale = Math.fround(extreme / -8)
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    writeHalf(destination, at, scale)
    for (let i = 0; i < 16; i++) {
      const low = nibble(Math.fround(source[first + i]! * inverse))
      const high = nibble(Math.fround(source[first + 16 + i]! * inverse))
      destination[at + 2 + i] = low | (high << 4)
    }
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column, rowMeanSquare) {
    rowSpreadWeights(32, source, first, importance, column, rowMeanSquare, weights)
    writeHalf(destination, at, searchSignedScale(32, 8, source, first, weights, 0, levels, 0))
    for (let i = 0; i < 16; i++) destination[at + 2 + i] = levels[i]! | (levels[16 + i]! << 4)
  },
})

function nibble(scaled: number): number {
  return Math.min(15, Math.fround(scaled + 8.5) | 0)
}
