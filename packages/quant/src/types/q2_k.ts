// Q2_K: 256 numbers as 2-bit levels in 16 groups of 16, each with a 4-bit scale and a 4-bit minimum.
// struct block_q2_K (ggml-common.h): uint8 scales[16] (scale in the low nibble), uint8 qs[64], half d, half dmin.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { nearestClamped, nearestInteger } from '../search/nearest-integer.ts'
import { searchPositiveScale } from '../search/positive-scale.ts'
import { type RangeSearch, searchScaleAndMinimum, weightedRangeSearch } from '../search/scale-and-minimum.ts'
import { sumOfSquares } from '../super-block/sum-of-squares.ts'
import { packTwoBitLevels, twoBitLevel } from '../super-block/two-bit-levels.ts'

const LEVELS = 16
const SCALE = 80
const MINIMUM = 82
const SEARCH: RangeSearch = { largestLevel: 3, start: -0.5, step: Math.fround(0.1), steps: 15, error: 'absolute' }
const WEIGHTED_SEARCH = weightedRangeSearch(3)

const levels = new Uint8Array(256)
const weights = new Float32Array(16)
const scales = new Float32Array(16)
const minimums = new Float32Array(16)
const groupWeights = new Float32Array(16)
const storedScales = new Uint8Array(16)
const storedMinimums = new Uint8Array(16)

export const q2_k = defineBlockType({
  type: 'Q2_K',
  halves: [SCALE, MINIMUM],
  groupSize: 16,
  hasMinimums: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup, minimums) {
    const scale = readHalf(source, at + SCALE)
    const minimum = readHalf(source, at + MINIMUM)
    for (let group = 0; group < 16; group++) {
      const stored = source[at + group]!
      scales[firstGroup + group] = scale * (stored & 15)
      minimums[firstGroup + group] = minimum * (stored >> 4)
    }
    for (let i = 0; i < 256; i++) levels[firstLevel + i] = twoBitLevel(source, at + LEVELS, i)
  },
  quantizeBlock(source, first, destination, at) {
    let largestScale = 0
    let largestMinimum = 0
    for (let group = 0; group < 16; group++) {
      const start = first + 16 * group
      for (let i = 0; i < 16; i++) weights[i] = Math.abs(source[start + i]!)
      searchScaleAndMinimum(SEARCH, 16, source, start, weights, levels, 16 * group, scales, minimums, group)
      if (scales[group]! > largestScale) largestScale = scales[group]!
      if (minimums[group]! > largestMinimum) largestMinimum = minimums[group]!
    }
    roundToNibbles(scales, largestScale, storedScales)
    roundToNibbles(minimums, largestMinimum, storedMinimums)
    finish(source, first, destination, at, Math.fround(largestScale / 15), Math.fround(largestMinimum / 15))
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column) {
    const meanSquare = Math.fround(sumOfSquares(source, first, 256) / 256)
    for (let group = 0; group < 16; group++) {
      const start = 16 * group
      rowSpreadWeights(16, source, first + start, importance, column + start, meanSquare, weights)
      let sum = 0
      for (let i = 0; i < 16; i++) sum = Math.fround(sum + weights[i]!)
      groupWeights[group] = sum
      searchScaleAndMinimum(WEIGHTED_SEARCH, 16, source, first + start, weights, levels, start, scales, minimums, group)
    }
    const scale = searchPositiveScale(16, 15, scales, groupWeights, storedScales)
    const minimum = searchPositiveScale(16, 15, minimums, groupWeights, storedMinimums)
    finish(source, first, destination, at, scale, minimum)
  },
})

function roundToNibbles(values: Float32Array, largest: number, stored: Uint8Array): void {
  const inverse = largest > 0 ? Math.fround(15 / largest) : 0
  for (let group = 0; group < 16; group++) stored[group] = nearestInteger(Math.fround(inverse * values[group]!))
}

/** Stores scales and minimums, then rounds every number again against what was stored. */
function finish(source: Float32Array, first: number, destination: Uint8Array, at: number, scale: number, minimum: number): void {
  const decodedScale = writeHalf(destination, at + SCALE, scale)
  const decodedMinimum = writeHalf(destination, at + MINIMUM, minimum)
  for (let group = 0; group < 16; group++) {
    const stored = storedScales[group]! | (storedMinimums[group]! << 4)
    destination[at + group] = stored
    const groupScale = Math.fround(decodedScale * (stored & 15))
    if (groupScale === 0) continue // keeps the levels of the search, as ggml does
    const groupMinimum = Math.fround(decodedMinimum * ((stored >> 4) & 15))
    for (let i = group * 16; i < group * 16 + 16; i++) {
      levels[i] = nearestClamped(Math.fround(Math.fround(source[first + i]! + groupMinimum) / groupScale), 0, 3)
    }
  }
  packTwoBitLevels(levels, destination, at + LEVELS)
}
