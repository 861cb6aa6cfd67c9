// IQ4_XS: 256 numbers as indices into sixteen uneven levels, in 8 groups of 32 with signed 6-bit scales over one half.
// struct block_iq4_xs (ggml-common.h): half d, uint16 scales_h (two high bits per group), uint8 scales_l[4] (low nibbles), uint8 qs[128],
// 16 bytes per group, nibbles as in Q4_0.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { nearestClamped } from '../search/nearest-integer.ts'
import { NON_LINEAR_LEVELS, nearestNonLinear, searchNonLinearScale } from '../search/non-linear.ts'
import { sumOfSquares } from '../super-block/sum-of-squares.ts'

const HIGH_SCALES = 2
const LOW_SCALES = 4
const LEVELS = 8

const weights = new Float32Array(32)
const scales = new Float32Array(8)

export const iq4_xs = defineBlockType({
  type: 'IQ4_XS',
  halves: [0],
  groupSize: 32,
  hasWideIntegers: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    const scale = readHalf(source, at)
    const high = source[at + HIGH_SCALES]! | (source[at + HIGH_SCALES + 1]! << 8)
    for (let group = 0; group < 8; group++) {
      const low = (source[at + LOW_SCALES + (group >> 1)]! >> (4 * (group & 1))) & 15
      scales[firstGroup + group] = scale * ((low | (((high >> (2 * group)) & 3) << 4)) - 32)
      const start = firstLevel + 32 * group
      for (let i = 0; i < 16; i++) {
        const pair = source[at + LEVELS + 16 * group + i]!
        levels[start + i] = NON_LINEAR_LEVELS[pair & 15]!
        levels[start + 16 + i] = NON_LINEAR_LEVELS[pair >> 4]!
      }
    }
  },
  quantizeBlock(source, first, destination, at) {
    for (let group = 0; group < 8; group++) {
      const start = first + 32 * group
      for (let i = 0; i < 32; i++) weights[i] = source[start + i]! * source[start + i]!
      scales[group] = searchNonLinearScale(source, start, weights)
    }
    finish(source, first, destination, at)
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column) {
    const meanSquare = Math.fround(sumOfSquares(source, first, 256) * (2 / 256))
    for (let group = 0; group < 8; group++) {
      const start = 32 * group
      rowSpreadWeights(32, source, first + start, importance, column + start, meanSquare, weights)
      scales[group] = searchNonLinearScale(source, first + start, weights)
    }
    finish(source, first, destination, at)
  },
})

/** Rounds the groups' scales to 6 bits, and every number against its group's rounded scale (but the half not yet rounded, as ggml). */
function finish(source: Float32Array, first: number, destination: Uint8Array, at: number): void {
  let extreme = 0
  for (let group = 0; group < 8; group++) if (Math.abs(scales[group]!) > Math.abs(extreme)) extreme = scales[group]!
  const scale = Math.fround(-extreme / 32)
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
  writeHalf(destination, at, scale)
  let high = 0
  for (let group = 0; group < 8; group++) {
    const stored = nearestClamped(Math.fround(inverse * scales[group]!), -32, 31)
    const groupScale = Math.fround(scale * stored)
    const groupInverse = groupScale === 0 ? 0 : Math.fround(1 / groupScale)
    for (let i = 0; i < 16; i++) {
      const start = first + 32 * group + i
      const lowLevel = nearestNonLinear(Math.fround(groupInverse * source[start]!))
      const highLevel = nearestNonLinear(Math.fround(groupInverse * source[start + 16]!))
      destination[at + LEVELS + 16 * group + i] = lowLevel | (highLevel << 4)
    }
    const bits = stored + 32
    const low = at + LOW_SCALES + (group >> 1)
    destination[low] = group & 1 ? destination[low]! | ((bits & 15) << 4) : bits & 15
    high |= (bits >> 4) << (2 * group)
  }
  destination[at + HIGH_SCALES] = high
  destination[at + HIGH_SCALES + 1] = high >> 8
}
