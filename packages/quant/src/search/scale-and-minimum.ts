// Search for the scale and the minimum of a group: values[i] is close to scale * levels[i] - minimum, levels counting from 0.
// Groups of signed levels, without a minimum, are in `signed-scale.ts`.
import { nearestClamped } from './nearest-integer.ts'

/** How thoroughly a type searches. The trial scales map the group's range to `largestLevel + start + step * n` levels, n = 0 … steps. */
export type RangeSearch = {
  readonly largestLevel: number
  readonly start: number
  readonly step: number
  readonly steps: number
  readonly error: 'absolute' | 'squared'
}

/** The search of every type with a minimum when importance weights are given (calls of `make_qkx3_quants`, ggml-quants.c). */
export function weightedRangeSearch(largestLevel: number): RangeSearch {
  return { largestLevel, start: Math.fround(-0.9), step: Math.fround(0.05), steps: 36, error: 'squared' }
}

const trial = new Uint8Array(32)

/**
 * For each trial scale: round to levels, then solve the weighted least squares for scale and minimum; the first best wins. The minimum is
 * held at or above 0 (the group's smallest value at or below 0). As `make_qkx2_quants` and `make_qkx3_quants` (ggml-quants.c), which are
 * one algorithm.
 *
 * @param values `count` float32 numbers (32 at most) from `first` on; `weights` has theirs from 0 on.
 * @param levels Receives 0 … largestLevel from `firstLevel` on.
 * @param scales,minimums Receive the result at `group`.
 */
export function searchScaleAndMinimum(
  search: RangeSearch,
  count: number,
  values: Float32Array,
  first: number,
  weights: Float32Array,
  levels: Uint8Array,
  firstLevel: number,
  scales: Float32Array,
  minimums: Float32Array,
  group: number,
): void {
  const { largestLevel } = search
  let smallest = values[first]!
  let largest = smallest
  let sumWeight = weights[0]!
  let sumValue = Math.fround(sumWeight * smallest)
  for (let i = 1; i < count; i++) {
    const value = values[first + i]!
    const weight = weights[i]!
    if (value < smallest) smallest = value
    if (value > largest) largest = value
    sumWeight = Math.fround(sumWeight + weight)
    sumValue = Math.fround(sumValue + Math.fround(weight * value))
  }
  if (smallest > 0) smallest = 0
  if (largest === smallest) {
    levels.fill(0, firstLevel, firstLevel + count)
    scales[group] = 0
    minimums[group] = -smallest
    return
  }

  const inverse = Math.fround(largestLevel / Math.fround(largest - smallest))
  let scale = Math.fround(1 / inverse)
  let offset = smallest
  for (let i = 0; i < count; i++) {
    levels[firstLevel + i] = nearestClamped(Math.fround(inverse * Math.fround(values[first + i]! - smallest)), 0, largestLevel)
  }
  let best = groupError(search, count, values, first, weights, levels, firstLevel, scale, offset)

  for (let n = 0; n <= search.steps; n++) {
    const span = Math.fround(Math.fround(search.start + Math.fround(search.step * n)) + largestLevel)
    // Range and levels count from the offset of the best trial so far.
    const trialInverse = Math.fround(span / Math.fround(largest - offset))
    let sumLevel = 0
    let sumLevelLevel = 0
    let sumLevelValue = 0
    for (let i = 0; i < count; i++) {
      const value = values[first + i]!
      const weight = weights[i]!
      const level = nearestClamped(Math.fround(trialInverse * Math.fround(value - offset)), 0, largestLevel)
      trial[i] = level
      const weighted = Math.fround(weight * level)
      sumLevel = Math.fround(sumLevel + weighted)
      sumLevelLevel = Math.fround(sumLevelLevel + Math.fround(weighted * level))
      sumLevelValue = Math.fround(sumLevelValue + Math.fround(weighted * value))
    }
    const determinant = Math.fround(Math.fround(sumWeight * sumLevelLevel) - Math.fround(sumLevel * sumLevel))
    if (!(determinant > 0)) continue
    let trialScale = Math.fround(Math.fround(Math.fround(sumWeight * sumLevelValue) - Math.fround(sumValue * sumLevel)) / determinant)
    let trialOffset = Math.fround(Math.fround(Math.fround(sumLevelLevel * sumValue) - Math.fround(sumLevel * sumLevelValue)) / determinant)
    if (trialOffset > 0) {
      trialOffset = 0
      trialScale = Math.fround(sumLevelValue / sumLevelLevel)
    }
    const error = groupError(search, count, values, first, weights, trial, 0, trialScale, trialOffset)
    if (error < best) {
      for (let i = 0; i < count; i++) levels[firstLevel + i] = trial[i]!
      best = error
      scale = trialScale
      offset = trialOffset
    }
  }
  scales[group] = scale
  minimums[group] = -offset
}

function groupError(
  search: RangeSearch,
  count: number,
  values: Float32Array,
  first: number,
  weights: Float32Array,
  levels: Uint8Array,
  firstLevel: number,
  scale: number,
  offset: number,
): number {
  const isAbsolute = search.error === 'absolute'
  let sum = 0
  for (let i = 0; i < count; i++) {
    const difference = Math.fround(Math.fround(Math.fround(scale * levels[firstLevel + i]!) + offset) - values[first + i]!)
    const error = isAbsolute ? Math.abs(difference) : Math.fround(difference * difference)
    sum = Math.fround(sum + Math.fround(weights[i]! * error))
  }
  return sum
}
