// IQ4_NL: 32 numbers as indices into sixteen uneven levels, with one half scale.
// struct block_iq4_nl (ggml-common.h): half d, uint8 qs[16], nibbles as in Q4_0.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { NON_LINEAR_LEVELS, nearestNonLinear, searchNonLinearScale } from '../search/non-linear.ts'
import { sumOfSquares } from '../super-block/sum-of-squares.ts'

const weights = new Float32Array(32)

export const iq4_nl = defineBlockType({
  type: 'IQ4_NL',
  halves: [0],
  groupSize: 32,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = readHalf(source, at)
    for (let i = 0; i < 16; i++) {
      const pair = source[at + 2 + i]!
      levels[firstLevel + i] = NON_LINEAR_LEVELS[pair & 15]!
      levels[firstLevel + 16 + i] = NON_LINEAR_LEVELS[pair >> 4]!
    }
  },
  quantizeBlock(source, first, destination, at) {
    for (let i = 0; i < 32; i++) weights[i] = source[first + i]! * source[first + i]!
    encode(source, first, destination, at)
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column) {
    // Unlike the other 32-wide types, this one takes the mean square of the block, not of the row.
    const meanSquare = Math.fround(sumOfSquares(source, first, 32) * (2 / 32))
    rowSpreadWeights(32, source, first, importance, column, meanSquare, weights)
    encode(source, first, destination, at)
  },
})

function encode(source: Float32Array, first: number, destination: Uint8Array, at: number): void {
  const scale = searchNonLinearScale(source, first, weights)
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
  writeHalf(destination, at, scale)
  for (let i = 0; i < 16; i++) {
    const low = nearestNonLinear(Math.fround(inverse * source[first + i]!))
    const high = nearestNonLinear(Math.fround(inverse * source[first + 16 + i]!))
    destination[at + 2 + i] = low | (high << 4)
  }
}
