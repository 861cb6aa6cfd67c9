// IQ1_M: 256 numbers as shifted trits from a codebook of 2048 points of eight, in 16 groups of 16 with a 3-bit scale; each eight has its own
// sign of the shift. struct block_iq1_m (ggml-common.h): uint8 qs[32] low bytes of points, uint8 qh[16] (a nibble per point: three high
// bits, sign of the shift), uint8 scales[8]: four uint16 of four 3-bit scales, each under a nibble of the half d.
import { defineBlockType } from '../block-type.ts'
import { iq1Codebook } from '../codebooks/iq1.ts'
import { floatToHalf, HALF_INFINITY, halfToFloat } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { assignTrits, nearestTernaryPoint, SHIFTED_DOWN, SHIFTED_UP, sortAscending } from '../search/ternary-split.ts'
import { oddScale } from '../super-block/codebook-groups.ts'
import { EIGHTHS_DOWN, EIGHTHS_UP, readPoint } from '../super-block/codebook-values.ts'
import { sumOfSquares } from '../super-block/sum-of-squares.ts'

const HIGH = 32
const SCALES = 48
const BYTES = 56

/** Groups whose largest magnitude is below this are stored as zeros (`GROUP_MAX_EPS_IQ1_M`, ggml-quants.c). */
const ZERO_BELOW = Math.fround(1e-7)
/** The stored scale is the fitted one times this (`quantize_row_iq1_m_impl`, ggml-quants.c). */
const CORRECTION = Math.fround(1.1125)

const weights = new Float32Array(256)
const groupWeights = new Float32Array(16)
const order = new Uint8Array(16)
const levels = new Uint8Array(16)
const points = new Uint16Array(32)
const scales = new Float32Array(16)
/** Per group, which of its two eights are shifted down: bit 1 the first, bit 0 the second. */
const shifts = new Uint8Array(16)
/** Sums over the sorted numbers up to each cut, for the first eight and the second apart. */
const valueSums = [new Float32Array(17), new Float32Array(17)] as const
const weightSums = [new Float32Array(17), new Float32Array(17)] as const

export const iq1_m = defineBlockType({
  type: 'IQ1_M',
  halves: [],
  groupSize: 16,
  hasWideIntegers: true,
  isFinite: (block, at) => (readScaleBits(block, at) & HALF_INFINITY) !== HALF_INFINITY,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    const book = iq1Codebook()
    const scale = halfToFloat(readScaleBits(source, at))
    for (let group = 0; group < 16; group++) {
      const stored = (readWord(source, at, group >> 2) >> (3 * (group & 3))) & 7
      scales[firstGroup + group] = Math.fround(scale * (2 * stored + 1)) / 8
    }
    for (let point = 0; point < 32; point++) {
      const nibble = source[at + HIGH + (point >> 1)]! >> (4 * (point & 1))
      const index = source[at + point]! | ((nibble & 7) << 8)
      readPoint(book, index, nibble & 8 ? EIGHTHS_DOWN : EIGHTHS_UP, 0, levels, firstLevel + 8 * point)
    }
  },
  quantizeBlock(source, first, destination, at) {
    for (let i = 0; i < 256; i++) weights[i] = source[first + i]! * source[first + i]!
    encode(source, first, destination, at)
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column) {
    const spread = Math.fround(Math.fround(2 * sumOfSquares(source, first, 256)) / 256)
    rowSpreadWeights(256, source, first, importance, column, spread, weights)
    encode(source, first, destination, at)
  },
})

function readWord(block: Uint8Array, at: number, word: number): number {
  return block[at + SCALES + 2 * word]! | (block[at + SCALES + 2 * word + 1]! << 8)
}

/** The half that lies in the top nibbles of the four words. */
function readScaleBits(block: Uint8Array, at: number): number {
  let bits = 0
  for (let word = 0; word < 4; word++) bits |= (readWord(block, at, word) >> 12) << (4 * word)
  return bits
}

function encode(source: Float32Array, first: number, destination: Uint8Array, at: number): void {
  let largestScale = 0
  points.fill(0)
  shifts.fill(0)
  for (let group = 0; group < 16; group++) {
    for (let i = 0; i < 16; i++) groupWeights[i] = weights[16 * group + i]!
    const scale = quantizeGroup(source, first + 16 * group, group)
    scales[group] = scale
    largestScale = Math.max(largestScale, scale)
  }
  destination.fill(0, at, at + BYTES)
  for (let group = 0; group < 16; group++) {
    const firstPoint = points[2 * group]!
    const secondPoint = points[2 * group + 1]!
    const shift = largestScale === 0 ? 0 : shifts[group]!
    destination[at + 2 * group] = firstPoint
    destination[at + 2 * group + 1] = secondPoint
    destination[at + HIGH + group] = (firstPoint >> 8) | ((secondPoint >> 8) << 4) | ((shift >> 1) << 3) | ((shift & 1) << 7)
  }
  if (largestScale !== 0) packScales(source, first, destination, at, Math.fround(largestScale / 15))
}

/** Rounds the groups' scales to 3 bits, then fits the scale of the block to all of it. */
function packScales(source: Float32Array, first: number, destination: Uint8Array, at: number, unit: number): void {
  const book = iq1Codebook()
  const inverse = Math.fround(1 / unit)
  const words = new Uint16Array(4)
  let valueTrit = 0
  let tritTrit = 0
  for (let group = 0; group < 16; group++) {
    const stored = oddScale(scales[group]!, inverse, 7)
    words[group >> 2] = words[group >> 2]! | (stored << (3 * (group & 3)))
    for (let i = 16 * group; i < 16 * group + 16; i++) {
      const trit = Math.fround(tritsOf(group, (i >> 3) & 1)[book.levels[8 * points[i >> 3]! + (i & 7)]!]! * (2 * stored + 1))
      const weighted = Math.fround(weights[i]! * trit)
      valueTrit = Math.fround(valueTrit + Math.fround(weighted * source[first + i]!))
      tritTrit = Math.fround(tritTrit + Math.fround(weighted * trit))
    }
  }
  const scale = tritTrit > 0 ? Math.fround(valueTrit / tritTrit) : unit
  const bits = floatToHalf(Math.fround(scale * CORRECTION))
  for (let word = 0; word < 4; word++) {
    const value = words[word]! | (((bits >> (4 * word)) & 15) << 12)
    destination[at + SCALES + 2 * word] = value
    destination[at + SCALES + 2 * word + 1] = value >> 8
  }
}

function tritsOf(group: number, eight: number): readonly [number, number, number] {
  return (shifts[group]! >> (1 - eight)) & 1 ? SHIFTED_DOWN : SHIFTED_UP
}

/** Fills the group's points and shifts. @returns the scale, at least 0. */
function quantizeGroup(source: Float32Array, first: number, group: number): number {
  let magnitude = 0
  for (let i = 0; i < 16; i++) magnitude = Math.max(magnitude, Math.abs(source[first + i]!))
  if (magnitude < ZERO_BELOW) return 0
  sortAscending(16, source, first, order)
  for (let place = 0; place < 16; place++) {
    const i = order[place]!
    for (let eight = 0; eight < 2; eight++) {
      const isHere = i >> 3 === eight
      const sums = valueSums[eight]!
      sums[place + 1] = isHere ? sums[place]! + Math.fround(groupWeights[i]! * source[first + i]!) : sums[place]!
      const totals = weightSums[eight]!
      totals[place + 1] = isHere ? totals[place]! + groupWeights[i]! : totals[place]!
    }
  }
  const cuts = bestCuts()
  if (cuts === undefined) return 0
  let { scale, shift } = cuts
  assignTrits(16, order, cuts.low, cuts.high, levels)
  if (scale < 0) {
    for (let i = 0; i < 16; i++) levels[i] = 2 - levels[i]!
    scale = -scale
    shift = 3 - shift
  }
  shifts[group] = shift
  return choosePoints(source, first, group, scale)
}

type Cuts = { readonly low: number; readonly high: number; readonly scale: number; readonly shift: number }

/** The pair of cuts and of shifts with the best weighted least squares, the first of equals; the arithmetic is that of the current ggml. */
function bestCuts(): Cuts | undefined {
  let best = -Number.MAX_VALUE
  let cuts: Cuts | undefined
  for (let low = 0; low <= 16; low++) {
    for (let high = low; high <= 16; high++) {
      for (let shift = 0; shift < 4; shift++) {
        const valueTrit = Math.fround(valueProduct(0, shift >> 1, low, high) + valueProduct(1, shift & 1, low, high))
        const tritTrit = Math.fround(weightProduct(0, shift >> 1, low, high) + weightProduct(1, shift & 1, low, high))
        if (tritTrit > 0 && Math.fround(valueTrit * valueTrit) > Math.fround(best * tritTrit)) {
          const scale = Math.fround(valueTrit / tritTrit)
          best = Math.fround(scale * valueTrit)
          cuts = { low, high, scale, shift }
        }
      }
    }
  }
  return cuts
}

/** The sum of weight * value * trit over one eight: trits fall by 1 at each cut, counted from the top. */
function valueProduct(eight: number, isDown: number, low: number, high: number): number {
  const sums = valueSums[eight]!
  const top = isDown ? SHIFTED_DOWN[2] : SHIFTED_UP[2]
  return Math.fround(Math.fround(sums[16]! * top) - Math.fround(sums[low]! + sums[high]!))
}

/** The sum of weight * trit^2 over one eight, with the differences of neighbouring squared trits as factors of the cuts. */
function weightProduct(eight: number, isDown: number, low: number, high: number): number {
  const sums = weightSums[eight]!
  const [first, second, third] = isDown ? SHIFTED_DOWN : SHIFTED_UP
  const total = Math.fround(Math.fround(sums[16]! * third) * third)
  const withLow = Math.fround(total + Math.fround(sums[low]! * (first * first - second * second)))
  return Math.fround(withLow + Math.fround(sums[high]! * (second * second - third * third)))
}

/** Moves levels to points of the book; when one moved, fits the scale again. */
function choosePoints(source: Float32Array, first: number, group: number, scale: number): number {
  const book = iq1Codebook()
  let hasMoved = false
  for (let eight = 0; eight < 2; eight++) {
    const start = 8 * eight
    const found = nearestTernaryPoint(book, levels, start, source, first + start, groupWeights, scale, tritsOf(group, eight))
    hasMoved ||= found < 0
    points[2 * group + eight] = found < 0 ? ~found : found
  }
  if (!hasMoved) return scale
  let valueTrit = 0
  let tritTrit = 0
  for (let i = 0; i < 16; i++) {
    const trit = tritsOf(group, i >> 3)[book.levels[8 * points[2 * group + (i >> 3)]! + (i & 7)]!]!
    const weighted = Math.fround(groupWeights[i]! * trit)
    valueTrit = Math.fround(valueTrit + Math.fround(weighted * source[first + i]!))
    tritTrit = Math.fround(tritTrit + Math.fround(weighted * trit))
  }
  return valueTrit > 0 && tritTrit > 0 ? Math.fround(valueTrit / tritTrit) : scale
}
