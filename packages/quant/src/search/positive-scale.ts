// Search for one scale over numbers that are meant to be positive, such as the scales of a super-block's groups.
// Numbers of either sign are the business of `signed-scale.ts`.
import { nearestInteger } from './nearest-integer.ts'
import { ZERO_GROUP } from './signed-scale.ts'

const TENTH = Math.fround(0.1)

/**
 * Nine trial scales by weighted squared error, then up to five rounds of moving single levels while that helps, as `make_qp_quants`
 * (ggml-quants.c). A negative number among the values is rounded to a negative level, which wraps around in `levels` as it does in
 * ggml's bytes; equality needs that too.
 *
 * @param levels Receives 0 … largestLevel from 0 on.
 * @returns The scale, a float32, 0 when all values are (nearly) zero.
 */
export function searchPositiveScale(
  count: number,
  largestLevel: number,
  values: Float32Array,
  weights: Float32Array,
  levels: Uint8Array,
): number {
  let largest = 0
  for (let i = 0; i < count; i++) largest = Math.max(largest, values[i]!)
  if (largest < ZERO_GROUP) {
    levels.fill(0, 0, count)
    return 0
  }
  const inverse = bestInverse(count, largestLevel, largest, values, weights, levels)

  let sumValueLevel = 0
  let sumLevelLevel = 0
  for (let i = 0; i < count; i++) {
    const level = Math.min(largestLevel, nearestInteger(Math.fround(inverse * values[i]!)))
    levels[i] = level
    const weight = weights[i]!
    sumValueLevel = Math.fround(sumValueLevel + Math.fround(Math.fround(weight * values[i]!) * level))
    sumLevelLevel = Math.fround(sumLevelLevel + Math.fround(Math.fround(weight * level) * level))
  }
  for (let round = 0; round < 5; round++) {
    let changes = 0
    for (let i = 0; i < count; i++) {
      const level = levels[i]!
      const weight = weights[i]!
      const weightedValue = Math.fround(weight * values[i]!)
      let valueLevel = Math.fround(sumValueLevel - Math.fround(weightedValue * level))
      let levelLevel = Math.fround(sumLevelLevel - Math.fround(Math.fround(weight * level) * level))
      if (!(valueLevel > 0 && levelLevel > 0)) continue
      const moved = Math.min(largestLevel, nearestInteger(Math.fround(Math.fround(values[i]! * levelLevel) / valueLevel)))
      if (moved === level) continue
      valueLevel = Math.fround(valueLevel + Math.fround(weightedValue * moved))
      levelLevel = Math.fround(levelLevel + Math.fround(Math.fround(weight * moved) * moved))
      const gain = Math.fround(Math.fround(valueLevel * valueLevel) * sumLevelLevel)
      if (gain > Math.fround(Math.fround(sumValueLevel * sumValueLevel) * levelLevel)) {
        levels[i] = moved
        sumValueLevel = valueLevel
        sumLevelLevel = levelLevel
        changes++
      }
    }
    if (changes === 0) break
  }
  return sumLevelLevel > 0 ? Math.fround(sumValueLevel / sumLevelLevel) : 0
}

/** The inverse scale with the least weighted squared error among largestLevel + {0, -0.4 … 0.4} levels for the largest value. */
function bestInverse(
  count: number,
  largestLevel: number,
  largest: number,
  values: Float32Array,
  weights: Float32Array,
  levels: Uint8Array,
): number {
  let inverse = Math.fround(largestLevel / largest)
  let best = 0
  for (let tenths = -5; tenths <= 4; tenths++) {
    // -5 stands for the plain scale, which is tried first and not limited to the largest level.
    const isPlain = tenths === -5
    if (tenths === 0) continue
    const trial = isPlain ? inverse : Math.fround(Math.fround(Math.fround(TENTH * tenths) + largestLevel) / largest)
    const scale = Math.fround(1 / trial)
    let error = 0
    for (let i = 0; i < count; i++) {
      const value = values[i]!
      const nearest = nearestInteger(Math.fround(trial * value))
      if (isPlain) levels[i] = nearest
      const level = isPlain ? levels[i]! : Math.min(largestLevel, nearest)
      const difference = Math.fround(value - Math.fround(scale * level))
      error = Math.fround(error + Math.fround(Math.fround(weights[i]! * difference) * difference))
    }
    if (isPlain || error < best) {
      best = error
      inverse = trial
    }
  }
  return inverse
}
