// Q4_1: 32 numbers as 4-bit levels 0 … 15 with a half scale and a half minimum.
// struct block_q4_1 (ggml-common.h): half d, half m, uint8 qs[16], nibbles as in Q4_0.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { searchScaleAndMinimum, weightedRangeSearch } from '../search/scale-and-minimum.ts'

const SEARCH = weightedRangeSearch(15)

const levels = new Uint8Array(32)
const weights = new Float32Array(32)
const scales = new Float32Array(1)
const minimums = new Float32Array(1)

export const q4_1 = defineBlockType({
  type: 'Q4_1',
  halves: [0, 2],
  groupSize: 32,
  hasMinimums: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup, minimums) {
    scales[firstGroup] = readHalf(source, at)
    minimums[firstGroup] = -readHalf(source, at + 2)
    for (let i = 0; i < 16; i++) {
      const pair = source[at + 4 + i]!
      levels[firstLevel + i] = pair & 15
      levels[firstLevel + 16 + i] = pair >> 4
    }
  },
  quantizeBlock(source, first, destination, at) {
    let smallest = source[first]!
    let largest = smallest
    for (let i = 1; i < 32; i++) {
      const value = source[first + i]!
      if (value < smallest) smallest = value
      if (value > largest) largest = value
    }
    const scale = Math.fround(Math.fround(largest - smallest) / 15)
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    writeHalf(destination, at, scale)
    writeHalf(destination, at + 2, smallest)
    for (let i = 0; i < 16; i++) {
      const low = nibble(source[first + i]!, smallest, inverse)
      const high = nibble(source[first + 16 + i]!, smallest, inverse)
      destination[at + 4 + i] = low | (high << 4)
    }
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column, rowMeanSquare) {
    rowSpreadWeights(32, source, first, importance, column, rowMeanSquare, weights)
    searchScaleAndMinimum(SEARCH, 32, source, first, weights, levels, 0, scales, minimums, 0)
    writeHalf(destination, at, scales[0]!)
    writeHalf(destination, at + 2, -minimums[0]!)
    for (let i = 0; i < 16; i++) destination[at + 4 + i] = levels[i]! | (levels[16 + i]! << 4)
  },
})

function nibble(value: number, smallest: number, inverse: number): number {
  return Math.min(15, Math.fround(Math.fround(Math.fround(value - smallest) * inverse) + 0.5) | 0)
}
