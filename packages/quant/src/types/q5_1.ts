// Q5_1: 32 numbers as 5-bit levels 0 … 31 with a half scale and a half minimum.
// struct block_q5_1 (ggml-common.h): half d, half m, uint8 qh[4] high bits (a uint32 in the writer's byte order), uint8 qs[16].
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { searchScaleAndMinimum, weightedRangeSearch } from '../search/scale-and-minimum.ts'
import { fiveBitLevel, packFiveBitLevels } from '../super-block/five-bit-levels.ts'

const SEARCH = weightedRangeSearch(31)

const levels = new Uint8Array(32)
const weights = new Float32Array(32)
const scales = new Float32Array(1)
const minimums = new Float32Array(1)

export const q5_1 = defineBlockType({
  type: 'Q5_1',
  halves: [0, 2],
  groupSize: 32,
  hasMinimums: true,
  hasWideIntegers: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup, minimums) {
    scales[firstGroup] = readHalf(source, at)
    minimums[firstGroup] = -readHalf(source, at + 2)
    for (let i = 0; i < 32; i++) levels[firstLevel + i] = fiveBitLevel(source, at + 4, i)
  },
  quantizeBlock(source, first, destination, at) {
    let smallest = source[first]!
    let largest = smallest
    for (let i = 1; i < 32; i++) {
      const value = source[first + i]!
      if (value < smallest) smallest = value
      if (value > largest) largest = value
    }
    const scale = Math.fround(Math.fround(largest - smallest) / 31)
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    writeHalf(destination, at, scale)
    writeHalf(destination, at + 2, smallest)
    for (let i = 0; i < 32; i++) {
      const scaled = Math.fround(Math.fround(source[first + i]! - smallest) * inverse)
      levels[i] = Math.fround(scaled + 0.5) | 0
    }
    packFiveBitLevels(levels, destination, at + 4)
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column, rowMeanSquare) {
    rowSpreadWeights(32, source, first, importance, column, rowMeanSquare, weights)
    searchScaleAndMinimum(SEARCH, 32, source, first, weights, levels, 0, scales, minimums, 0)
    writeHalf(destination, at, scales[0]!)
    writeHalf(destination, at + 2, -minimums[0]!)
    packFiveBitLevels(levels, destination, at + 4)
  },
})
