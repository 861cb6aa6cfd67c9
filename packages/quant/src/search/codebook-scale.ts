// Search for the scale of a group whose levels must be points of a codebook: magnitudes[i] is close to scale * (2 * levels[i] + 1).
// Signs and the packing of points are outside: `super-block/codebook-groups.ts`.
import type { Codebook } from '../codebooks/codebook.ts'
import { nearestClamped } from './nearest-integer.ts'

/** How a type searches. Trial scales map the group's range to `2 * largestLevel + 1 + step * n` units, n = -trials … trials. */
export type CodebookSearch = {
  readonly largestLevel: number
  readonly trials: number
  readonly step: number
  /** Which points are chosen once more against the best scale: all, those that were not in the book, or all if any was not. */
  readonly refine: 'all' | 'off-book' | 'all-if-any-off-book'
}

const trial = new Uint8Array(32)

/**
 * For each trial scale: round to levels, move each code that is not in the book to its best neighbour, solve weighted least squares; the first
 * best wins. Then points are chosen again as `search.refine` says. As in `quantize_row_iq2_xxs_impl` and its kin (ggml-quants.c).
 *
 * @param magnitudes The group's numbers with signs taken off; a few may be negative, where a sign was flipped for parity.
 * @param rootWeights Square roots of `weights`, which the choice among neighbours uses.
 * @param range The magnitude that the largest level stands for.
 * @param startScale The result when no trial improves on nothing.
 * @param levels Receives the levels; all points of the book.
 */
export function searchCodebookScale(
  search: CodebookSearch,
  book: Codebook,
  count: number,
  magnitudes: Float32Array,
  weights: Float32Array,
  rootWeights: Float32Array,
  range: number,
  startScale: number,
  levels: Uint8Array,
): number {
  const { largestLevel, refine } = search
  const pointCount = count / book.numbers
  let scale = startScale
  let best = 0
  // One bit per point.
  let offBook = refine === 'all-if-any-off-book' ? (1 << pointCount) - 1 : 0
  levels.fill(0, 0, count)
  for (let n = -search.trials; n <= search.trials; n++) {
    const inverse = Math.fround(Math.fround(2 * largestLevel + 1 + Math.fround(n * search.step)) / range)
    const trialScale = Math.fround(1 / inverse)
    let trialOffBook = 0
    for (let point = 0; point < pointCount; point++) {
      const isInBook = choosePoint(book, largestLevel, point, inverse, trialScale, magnitudes, rootWeights, trial)
      if (!isInBook) trialOffBook |= 1 << point
    }
    const fit = fitScale(count, magnitudes, weights, trial)
    if (fit.levelLevel > 0 && Math.fround(fit.valueLevel * fit.valueLevel) > Math.fround(best * fit.levelLevel)) {
      scale = Math.fround(fit.valueLevel / fit.levelLevel)
      best = Math.fround(scale * fit.valueLevel)
      for (let i = 0; i < count; i++) levels[i] = trial[i]!
      offBook = trialOffBook
    }
  }
  if (!(scale > 0) || (refine !== 'all' && offBook === 0)) return scale

  const inverse = Math.fround(1 / scale)
  for (let point = 0; point < pointCount; point++) {
    if (refine === 'off-book' && !((offBook >> point) & 1)) continue
    choosePoint(book, largestLevel, point, inverse, scale, magnitudes, rootWeights, levels)
  }
  const fit = fitScale(count, magnitudes, weights, levels)
  return fit.levelLevel > 0 ? Math.fround(fit.valueLevel / fit.levelLevel) : scale
}

/** Rounds the numbers of one point to levels and, when those are not in the book, takes the best neighbour. @returns whether they were in it. */
function choosePoint(
  book: Codebook,
  largestLevel: number,
  point: number,
  inverse: number,
  scale: number,
  magnitudes: Float32Array,
  rootWeights: Float32Array,
  levels: Uint8Array,
): boolean {
  const { numbers, bits } = book
  const start = point * numbers
  let code = 0
  for (let i = 0; i < numbers; i++) {
    const level = nearestClamped(Math.fround(0.5 * Math.fround(Math.fround(inverse * magnitudes[start + i]!) - 1)), 0, largestLevel)
    levels[start + i] = level
    code |= level << (bits * i)
  }
  if (book.pointOfCode[code]! >= 0) return true
  const neighbour = bestNeighbour(book, book.neighbours(code), start, scale, magnitudes, rootWeights)
  for (let i = 0; i < numbers; i++) levels[start + i] = book.levels[neighbour * numbers + i]!
  return false
}

/** The neighbour with the least weighted squared error; the first one when none has a finite error. */
function bestNeighbour(
  book: Codebook,
  neighbours: Uint16Array,
  start: number,
  scale: number,
  magnitudes: Float32Array,
  rootWeights: Float32Array,
): number {
  const { numbers, levels } = book
  let best = neighbours[0]!
  let least = Number.POSITIVE_INFINITY
  for (let n = 0; n < neighbours.length; n++) {
    const neighbour = neighbours[n]!
    let error = 0
    for (let i = 0; i < numbers; i++) {
      const decoded = Math.fround(scale * (2 * levels[neighbour * numbers + i]! + 1))
      const difference = Math.fround(decoded - magnitudes[start + i]!)
      error = Math.fround(error + Math.fround(Math.fround(rootWeights[start + i]! * difference) * difference))
    }
    if (error < least) {
      best = neighbour
      least = error
    }
  }
  return best
}

const fit = { valueLevel: 0, levelLevel: 0 }

/** The two sums of weighted least squares; their quotient is the scale. Overwritten by the next call. */
function fitScale(count: number, magnitudes: Float32Array, weights: Float32Array, levels: Uint8Array) {
  let valueLevel = 0
  let levelLevel = 0
  for (let i = 0; i < count; i++) {
    const unit = 2 * levels[i]! + 1
    const weight = weights[i]!
    valueLevel = Math.fround(valueLevel + Math.fround(Math.fround(weight * magnitudes[i]!) * unit))
    levelLevel = Math.fround(levelLevel + Math.fround(Math.fround(weight * unit) * unit))
  }
  fit.valueLevel = valueLevel
  fit.levelLevel = levelLevel
  return fit
}
