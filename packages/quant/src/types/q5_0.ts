// Q5_0: 32 numbers as 5-bit levels -16 … 15 with one half scale.
// struct block_q5_0 (ggml-common.h): half d, uint8 qh[4] high bits (a uint32 in the writer's byte order), uint8 qs[16].
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { searchSignedScale } from '../search/signed-scale.ts'
import { fiveBitLevel, packFiveBitLevels } from '../super-block/five-bit-levels.ts'

const levels = new Uint8Array(32)
const weights = new Float32Array(32)

export const q5_0 = defineBlockType({
  type: 'Q5_0',
  halves: [0],
  groupSize: 32,
  hasWideIntegers: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = readHalf(source, at)
    for (let i = 0; i < 32; i++) levels[firstLevel + i] = fiveBitLevel(source, at + 2, i) - 16
  },
  /** The number of largest magnitude (the first, if several) becomes level -16 exactly. */
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
    const scale = Math.fround(extreme / -16)
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    writeHalf(destination, at, scale)
    for (let i = 0; i < 32; i++) levels[i] = Math.min(31, Math.fround(Math.fround(source[first + i]! * inverse) + 16.5) | 0)
    packFiveBitLevels(levels, destination, at + 2)
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column, rowMeanSquare) {
    rowSpreadWeights(32, source, first, importance, column, rowMeanSquare, weights)
    writeHalf(destination, at, searchSignedScale(32, 16, source, first, weights, 0, levels, 0))
    packFiveBitLevels(levels, destination, at + 2)
  },
})
