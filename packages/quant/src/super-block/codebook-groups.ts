// What IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS and IQ3_S share: 256 numbers split into signs and magnitudes, magnitudes in groups with a scale each,
// levels that are points of a codebook. How points, signs and scales are packed is each type's own.
import type { Codebook } from '../codebooks/codebook.ts'
import { type CodebookSearch, searchCodebookScale } from '../search/codebook-scale.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { nearestClamped } from '../search/nearest-integer.ts'
import { searchPositiveScale } from '../search/positive-scale.ts'
import { sumOfSquares } from './sum-of-squares.ts'

export type CodebookGroups = {
  readonly book: () => Codebook
  readonly search: CodebookSearch
  readonly groupSize: 16 | 32
  /** Groups whose largest magnitude is below this are stored as zeros. */
  readonly zeroBelow: number
  /**
   * `even`: seven sign bits per eight numbers, the eighth making their number even, for which the number that matters least may have to
   * change its sign. `free`: eight bits.
   */
  readonly signs: 'even' | 'free'
  /** What the mean square of the super-block is multiplied by before it enters the weights. */
  readonly spread: 1 | 2
  /** Where the range of the search comes from: the largest magnitude, or a fit with four levels. */
  readonly range: 'largest' | 'fitted'
  /** The weight of a number without importance weights, given the spread; undefined for types that require them. */
  readonly plainWeight?: (value: number, spread: number) => number
}

/** The result of `quantizeCodebookGroups`. Overwritten by the next call. */
export type EncodedGroups = {
  /** The points of the book, in order; 32 or 64 of them. Zero in groups stored as zeros. */
  readonly points: Uint16Array
  /** Sign bits of each eight numbers; with even parity only the low seven count. */
  readonly signs: Uint8Array
  /** The scale of each group. */
  readonly scales: Float32Array
  /** 1 for each group that is not all zeros. */
  readonly isStored: Uint8Array
  /** The largest scale. */
  readonly largestScale: number
}

const magnitudes = new Float32Array(32)
const weights = new Float32Array(32)
const rootWeights = new Float32Array(32)
const levels = new Uint8Array(32)
const points = new Uint16Array(64)
const signs = new Uint8Array(32)
const scales = new Float32Array(16)
const isStored = new Uint8Array(16)

/** Finds points, signs and scales for 256 numbers from `first` on. `importance` may be absent when the type has a plain weight. */
export function quantizeCodebookGroups(
  type: CodebookGroups,
  source: Float32Array,
  first: number,
  importance: Float32Array | undefined,
  column: number,
): EncodedGroups {
  const { groupSize, plainWeight } = type
  const book = type.book()
  const pointsPerGroup = groupSize / book.numbers
  const spread = Math.fround(Math.fround(type.spread * sumOfSquares(source, first, 256)) / 256)
  points.fill(0)
  signs.fill(0)
  scales.fill(0)
  let largestScale = 0
  for (let group = 0; group * groupSize < 256; group++) {
    const start = first + group * groupSize
    if (importance !== undefined) rowSpreadWeights(groupSize, source, start, importance, column + group * groupSize, spread, weights)
    else if (plainWeight !== undefined) for (let i = 0; i < groupSize; i++) weights[i] = plainWeight(source[start + i]!, spread)
    for (let i = 0; i < groupSize; i++) rootWeights[i] = Math.sqrt(weights[i]!)
    const firstSign = (group * groupSize) / 8
    splitSigns(type, source, start, firstSign)
    const scale = quantizeGroup(type, book)
    isStored[group] = scale === undefined ? 0 : 1
    if (scale === undefined) {
      signs.fill(0, firstSign, firstSign + groupSize / 8)
      continue
    }
    // A fit can come out negative when flipped signs dominate: then all signs turn round, as scales have none.
    if (scale < 0) for (let byte = firstSign; byte < firstSign + groupSize / 8; byte++) signs[byte] = ~signs[byte]!
    for (let point = 0; point < pointsPerGroup; point++) {
      let code = 0
      for (let i = 0; i < book.numbers; i++) code |= levels[point * book.numbers + i]! << (book.bits * i)
      points[group * pointsPerGroup + point] = book.pointOfCode[code]!
    }
    scales[group] = Math.abs(scale)
    largestScale = Math.max(largestScale, Math.abs(scale))
  }
  return { points, signs, scales, isStored, largestScale }
}

/** A group's scale as the 4-bit number s that stands for (2 * s + 1) times the unit, whose inverse is given. */
export function oddScale(scale: number, inverseUnit: number, largest: number): number {
  return nearestClamped(Math.fround(0.5 * Math.fround(Math.fround(inverseUnit * scale) - 1)), 0, largest)
}

/** Seven sign bits completed by the parity bit that makes their number even (`ksigns_iq2xs`, ggml-common.h). */
export function evenSigns(bits: number): number {
  let parity = bits ^ (bits >> 4)
  parity ^= parity >> 2
  parity ^= parity >> 1
  return bits | ((parity & 1) << 7)
}

/** Chooses the levels of the group in `magnitudes`. @returns its scale, or undefined for a group to be stored as zeros. */
function quantizeGroup(type: CodebookGroups, book: Codebook): number | undefined {
  const { groupSize, search } = type
  let largest = magnitudes[0]!
  for (let i = 1; i < groupSize; i++) largest = Math.max(largest, magnitudes[i]!)
  if (largest < type.zeroBelow || largest === 0) return undefined
  if (type.range === 'largest') {
    const startScale = Math.fround(largest / (2 * search.largestLevel + 1))
    return searchCodebookScale(search, book, groupSize, magnitudes, weights, rootWeights, largest, startScale, levels)
  }
  const fitted = searchPositiveScale(groupSize, search.largestLevel + 2, magnitudes, weights, levels)
  const range = Math.fround(fitted * (search.largestLevel + 1))
  if (range <= 0) return undefined
  return searchCodebookScale(search, book, groupSize, magnitudes, weights, rootWeights, range, fitted, levels)
}

function splitSigns(type: CodebookGroups, source: Float32Array, first: number, firstSign: number): void {
  for (let start = 0; start < type.groupSize; start += 8) {
    let bits = 0
    for (let i = 0; i < 8; i++) {
      const value = source[first + start + i]!
      magnitudes[start + i] = Math.abs(value)
      if (value < 0) bits |= 1 << i
    }
    if (type.signs === 'even' && evenSigns(bits & 127) !== bits) {
      const least = leastImportant(source, first, start)
      magnitudes[start + least] = -magnitudes[start + least]!
      bits ^= 1 << least
    }
    signs[firstSign + start / 8] = bits
  }
}

/** Which of eight numbers has the least weighted square, the first of equals. */
function leastImportant(source: Float32Array, first: number, start: number): number {
  let least = 0
  let smallest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 8; i++) {
    const value = source[first + start + i]!
    const square = Math.fround(Math.fround(weights[start + i]! * value) * value)
    if (square < smallest) {
      least = i
      smallest = square
    }
  }
  return least
}
