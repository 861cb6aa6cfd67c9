// What Q4_K and Q5_K share: 256 numbers in 8 groups of 32, each with a 6-bit scale and a 6-bit minimum over two halves.
// How the levels are packed is each type's own.
import { readHalf, writeHalf } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { nearestClamped, nearestInteger } from '../search/nearest-integer.ts'
import { searchPositiveScale } from '../search/positive-scale.ts'
import { type RangeSearch, searchScaleAndMinimum, weightedRangeSearch } from '../search/scale-and-minimum.ts'
import { packSixBitScales, sixBitMinimum, sixBitScale } from './six-bit-scales.ts'
import { sumOfSquares } from './sum-of-squares.ts'

/** Both types start with half d, half dmin, uint8 scales[12]. */
const SCALE = 0
const MINIMUM = 2
const GROUP_SCALES = 4

const weights = new Float32Array(32)
const scales = new Float32Array(8)
const minimums = new Float32Array(8)
const groupWeights = new Float32Array(8)
const storedScales = new Uint8Array(8)
const storedMinimums = new Uint8Array(8)

/** Reads the scales and minimums of the eight groups, each product rounded to float32. */
export function readGroups(
  source: Uint8Array,
  at: number,
  groupScales: Float32Array,
  groupMinimums: Float32Array,
  firstGroup: number,
): void {
  const scale = readHalf(source, at + SCALE)
  const minimum = readHalf(source, at + MINIMUM)
  for (let group = 0; group < 8; group++) {
    groupScales[firstGroup + group] = scale * sixBitScale(source, at + GROUP_SCALES, group)
    groupMinimums[firstGroup + group] = minimum * sixBitMinimum(source, at + GROUP_SCALES, group)
  }
}

/** Writes the 16 bytes of scales and fills `levels`; each number weighs its magnitude plus the root mean square of its group. */
export function quantizeGroups(
  search: RangeSearch,
  source: Float32Array,
  first: number,
  destination: Uint8Array,
  at: number,
  levels: Uint8Array,
): void {
  let largestScale = 0
  let largestMinimum = 0
  for (let group = 0; group < 8; group++) {
    const start = first + 32 * group
    const spread = Math.fround(Math.sqrt(Math.fround(sumOfSquares(source, start, 32) / 32)))
    for (let i = 0; i < 32; i++) weights[i] = spread + Math.abs(source[start + i]!)
    searchScaleAndMinimum(search, 32, source, start, weights, levels, 32 * group, scales, minimums, group)
    if (scales[group]! > largestScale) largestScale = scales[group]!
    if (minimums[group]! > largestMinimum) largestMinimum = minimums[group]!
  }
  const inverseScale = largestScale > 0 ? Math.fround(63 / largestScale) : 0
  const inverseMinimum = largestMinimum > 0 ? Math.fround(63 / largestMinimum) : 0
  for (let group = 0; group < 8; group++) {
    // Through a byte before the limit: a negative scale wraps to a large one in ggml.
    storedScales[group] = Math.min(63, nearestInteger(Math.fround(inverseScale * scales[group]!)) & 255)
    storedMinimums[group] = Math.min(63, nearestInteger(Math.fround(inverseMinimum * minimums[group]!)) & 255)
  }
  const scale = Math.fround(largestScale / 63)
  const minimum = Math.fround(largestMinimum / 63)
  finishGroups(search.largestLevel, source, first, destination, at, levels, scale, minimum)
}

/**
 * The same with importance weights, which also weigh the groups when their scales and minimums are rounded.
 * @param highestStep Where ggml limits the rounded ones: Q5_K at 63, Q4_K not at all. It matters where most weights are zero and a scale
 * comes out negative: kept as a byte, it is above 63.
 */
export function quantizeWeightedGroups(
  largestLevel: number,
  highestStep: 63 | 255,
  source: Float32Array,
  first: number,
  destination: Uint8Array,
  at: number,
  importance: Float32Array,
  column: number,
  levels: Uint8Array,
): void {
  const search = weightedRangeSearch(largestLevel)
  const meanSquare = Math.fround(Math.fround(2 * sumOfSquares(source, first, 256)) / 256)
  for (let group = 0; group < 8; group++) {
    const start = 32 * group
    rowSpreadWeights(32, source, first + start, importance, column + start, meanSquare, weights)
    let sum = 0
    for (let i = 0; i < 32; i++) sum = Math.fround(sum + weights[i]!)
    groupWeights[group] = sum
    searchScaleAndMinimum(search, 32, source, first + start, weights, levels, start, scales, minimums, group)
  }
  const scale = searchPositiveScale(8, 63, scales, groupWeights, storedScales)
  const minimum = searchPositiveScale(8, 63, minimums, groupWeights, storedMinimums)
  for (let group = 0; group < 8; group++) {
    storedScales[group] = Math.min(highestStep, storedScales[group]!)
    storedMinimums[group] = Math.min(highestStep, storedMinimums[group]!)
  }
  finishGroups(largestLevel, source, first, destination, at, levels, scale, minimum)
}

/** Stores scales and minimums, then rounds every number again against what was stored. */
function finishGroups(
  largestLevel: number,
  source: Float32Array,
  first: number,
  destination: Uint8Array,
  at: number,
  levels: Uint8Array,
  scale: number,
  minimum: number,
): void {
  packSixBitScales(storedScales, storedMinimums, destination, at + GROUP_SCALES)
  const decodedScale = writeHalf(destination, at + SCALE, scale)
  const decodedMinimum = writeHalf(destination, at + MINIMUM, minimum)
  for (let group = 0; group < 8; group++) {
    const groupScale = Math.fround(decodedScale * sixBitScale(destination, at + GROUP_SCALES, group))
    if (groupScale === 0) continue // keeps the levels of the search, as ggml does
    const groupMinimum = Math.fround(decodedMinimum * sixBitMinimum(destination, at + GROUP_SCALES, group))
    for (let i = group * 32; i < group * 32 + 32; i++) {
      levels[i] = nearestClamped(Math.fround(Math.fround(source[first + i]! + groupMinimum) / groupScale), 0, largestLevel)
    }
  }
}
