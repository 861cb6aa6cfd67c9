// IQ1_S: 256 numbers as shifted trits from a codebook of 2048 points of eight, in 8 groups of 32 with a 3-bit scale and a sign of the shift.
// struct block_iq1_s (ggml-common.h): half d, uint8 qs[32] low bytes of points, uint16 qh[8]: four times three high bits, three bits of
// scale, and on top the sign of the shift.
import { defineBlockType } from '../block-type.ts'
import { iq1Codebook } from '../codebooks/iq1.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { assignTrits, nearestTernaryPoint, SHIFTED_DOWN, SHIFTED_UP, sortAscending } from '../search/ternary-split.ts'
import { oddScale } from '../super-block/codebook-groups.ts'
import { EIGHTHS_DOWN, EIGHTHS_UP, readPoint } from '../super-block/codebook-values.ts'
import { sumOfSquares } from '../super-block/sum-of-squares.ts'

const POINTS = 2
const HIGH = 34
const BYTES = 50

/** Groups whose largest magnitude is below this are stored as zeros (`GROUP_MAX_EPS_IQ1_S`, ggml-quants.c). */
const ZERO_BELOW = Math.fround(1e-12)
/** The stored scale is the fitted one times this (`quantize_row_iq1_s_impl`, ggml-quants.c). */
const CORRECTION = 1.125

const weights = new Float32Array(32)
const order = new Uint8Array(32)
const levels = new Uint8Array(32)
const points = new Uint16Array(4)
const scales = new Float32Array(8)
const isShiftedDown = new Uint8Array(8)
/** Sums over the sorted numbers up to each cut. */
const valueSums = new Float32Array(33)
const weightSums = new Float32Array(33)

export const iq1_s = defineBlockType({
  type: 'IQ1_S',
  halves: [0],
  groupSize: 32,
  hasWideIntegers: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    const book = iq1Codebook()
    const scale = readHalf(source, at)
    for (let group = 0; group < 8; group++) {
      const high = source[at + HIGH + 2 * group]! | (source[at + HIGH + 2 * group + 1]! << 8)
      scales[firstGroup + group] = Math.fround(scale * (2 * ((high >> 12) & 7) + 1)) / 8
      const eighths = high & 0x8000 ? EIGHTHS_DOWN : EIGHTHS_UP
      for (let point = 0; point < 4; point++) {
        const index = source[at + POINTS + 4 * group + point]! | (((high >> (3 * point)) & 7) << 8)
        readPoint(book, index, eighths, 0, levels, firstLevel + 32 * group + 8 * point)
      }
    }
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column) {
    destination.fill(0, at, at + BYTES)
    const spread = Math.fround(Math.fround(2 * sumOfSquares(source, first, 256)) / 256)
    let largestScale = 0
    for (let group = 0; group < 8; group++) {
      const start = first + 32 * group
      rowSpreadWeights(32, source, start, importance, column + 32 * group, spread, weights)
      points.fill(0)
      const scale = quantizeGroup(source, start, group)
      scales[group] = scale
      largestScale = Math.max(largestScale, scale)
      let high = 0
      for (let point = 0; point < 4; point++) {
        destination[at + POINTS + 4 * group + point] = points[point]!
        high |= (points[point]! >> 8) << (3 * point)
      }
      destination[at + HIGH + 2 * group] = high
      destination[at + HIGH + 2 * group + 1] = high >> 8
    }
    if (largestScale === 0) return
    const unit = Math.fround(largestScale / 15)
    const inverse = Math.fround(1 / unit)
    writeHalf(destination, at, Math.fround(unit * CORRECTION))
    for (let group = 0; group < 8; group++) {
      const bits = oddScale(scales[group]!, inverse, 7) | (isShiftedDown[group]! << 3)
      const top = at + HIGH + 2 * group + 1
      destination[top] = destination[top]! | (bits << 4)
    }
  },
})

/** Fills `points` and the group's shift. @returns the scale, at least 0. */
function quantizeGroup(source: Float32Array, first: number, group: number): number {
  isShiftedDown[group] = 0
  let magnitude = 0
  for (let i = 0; i < 32; i++) magnitude = Math.max(magnitude, Math.abs(source[first + i]!))
  if (magnitude < ZERO_BELOW) return 0
  sortAscending(32, source, first, order)
  for (let place = 0; place < 32; place++) {
    const i = order[place]!
    valueSums[place + 1] = valueSums[place]! + Math.fround(weights[i]! * source[first + i]!)
    weightSums[place + 1] = weightSums[place]! + weights[i]!
  }
  const cuts = bestCuts()
  if (cuts === undefined) return 0
  let { scale, isDown } = cuts
  assignTrits(32, order, cuts.low, cuts.high, levels)
  if (scale < 0) {
    for (let i = 0; i < 32; i++) levels[i] = 2 - levels[i]!
    scale = -scale
    isDown = !isDown
  }
  isShiftedDown[group] = isDown ? 1 : 0
  return choosePoints(source, first, scale, isDown ? SHIFTED_DOWN : SHIFTED_UP)
}

type Cuts = { readonly low: number; readonly high: number; readonly scale: number; readonly isDown: boolean }

/** The pair of cuts and the shift with the best weighted least squares, the first of equals. */
function bestCuts(): Cuts | undefined {
  let best = -Number.MAX_VALUE
  let cuts: Cuts | undefined
  const weightTotal = weightSums[32]!
  const valueTotal = valueSums[32]!
  for (let low = 0; low <= 32; low++) {
    const lowValue = valueSums[low]!
    const lowWeight = weightSums[low]!
    for (let high = low; high <= 32; high++) {
      const middleValue = Math.fround(valueSums[high]! - lowValue)
      const middleWeight = Math.fround(weightSums[high]! - lowWeight)
      const highValue = Math.fround(valueTotal - valueSums[high]!)
      const highWeight = Math.fround(weightTotal - weightSums[high]!)
      for (let shift = 0; shift < 2; shift++) {
        const trits = shift === 0 ? SHIFTED_UP : SHIFTED_DOWN
        const valueTrit = threeProducts(lowValue, trits[0], middleValue, trits[1], highValue, trits[2])
        const tritTrit = threeSquares(lowWeight, trits[0], middleWeight, trits[1], highWeight, trits[2])
        if (tritTrit > 0 && Math.fround(valueTrit * valueTrit) > Math.fround(best * tritTrit)) {
          const scale = Math.fround(valueTrit / tritTrit)
          best = Math.fround(scale * valueTrit)
          cuts = { low, high, scale, isDown: shift === 1 }
        }
      }
    }
  }
  return cuts
}

function threeProducts(a: number, x: number, b: number, y: number, c: number, z: number): number {
  return Math.fround(Math.fround(Math.fround(a * x) + Math.fround(b * y)) + Math.fround(c * z))
}

function threeSquares(a: number, x: number, b: number, y: number, c: number, z: number): number {
  return threeProducts(Math.fround(a * x), x, Math.fround(b * y), y, Math.fround(c * z), z)
}

/** Moves levels to points of the book; when one moved, fits the scale again. */
function choosePoints(source: Float32Array, first: number, scale: number, trits: readonly number[]): number {
  const book = iq1Codebook()
  let hasMoved = false
  for (let point = 0; point < 4; point++) {
    const found = nearestTernaryPoint(book, levels, 8 * point, source, first + 8 * point, weights, scale, trits)
    hasMoved ||= found < 0
    points[point] = found < 0 ? ~found : found
  }
  if (!hasMoved) return scale
  let valueTrit = 0
  let tritTrit = 0
  for (let i = 0; i < 32; i++) {
    const trit = trits[book.levels[8 * points[i >> 3]! + (i & 7)]!]!
    const weighted = Math.fround(weights[i]! * trit)
    valueTrit = Math.fround(valueTrit + Math.fround(weighted * source[first + i]!))
    tritTrit = Math.fround(tritTrit + Math.fround(weighted * trit))
  }
  return valueTrit > 0 && tritTrit > 0 ? Math.fround(valueTrit / tritTrit) : scale
}
