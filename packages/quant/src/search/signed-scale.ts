// Search for the scale of a group of signed levels: values[i] is close to scale * (levels[i] - limit), with 2 * limit levels.
// Groups with a minimum are in `scale-and-minimum.ts`.
import { nearestClamped } from './nearest-integer.ts'

/** Below this largest magnitude a group counts as all zero (`GROUP_MAX_EPS`, ggml-quants.c). */
export const ZERO_GROUP = Math.fround(1e-15)

const TENTH = Math.fround(0.1)

/**
 * Weighted least squares over 19 ways of rounding, as `make_qx_quants` with `rmse_type` 1 (ggml-quants.c): the scale that maps the largest
 * magnitude to -limit, and 18 neighbours of it in steps of a tenth of a level; the first best wins.
 *
 * @param values `count` float32 numbers from `first` on.
 * @param weights One weight each, from `firstWeight` on.
 * @param levels Receives numbers in [0, 2 * limit) from `firstLevel` on; all 0 when the group is all zero.
 * @returns The scale, a float32; negative where the largest magnitude is positive.
 */
export function searchSignedScale(
  count: number,
  limit: number,
  values: Float32Array,
  first: number,
  weights: Float32Array,
  firstWeight: number,
  levels: Uint8Array,
  firstLevel: number,
): number {
  let extreme = 0
  let magnitude = 0
  for (let i = 0; i < count; i++) {
    const value = values[first + i]!
    const absolute = Math.abs(value)
    if (absolute > magnitude) {
      magnitude = absolute
      extreme = value
    }
  }
  if (magnitude < ZERO_GROUP) {
    levels.fill(0, firstLevel, firstLevel + count)
    return 0
  }

  let scale = 0
  let best = 0
  for (let attempt = 0; attempt <= 18; attempt++) {
    // The plain scale first, then -9 … 9 tenths without 0.
    const shift = attempt === 0 ? 0 : attempt <= 9 ? attempt - 10 : attempt - 9
    const inverse = Math.fround(-Math.fround(limit + Math.fround(TENTH * shift)) / extreme)
    let sumValueLevel = 0
    let sumLevelLevel = 0
    for (let i = 0; i < count; i++) {
      const value = values[first + i]!
      const weight = weights[firstWeight + i]!
      const level = nearestClamped(Math.fround(inverse * value), -limit, limit - 1)
      sumValueLevel = Math.fround(sumValueLevel + Math.fround(Math.fround(weight * value) * level))
      sumLevelLevel = Math.fround(sumLevelLevel + Math.fround(Math.fround(weight * level) * level))
    }
    const better = Math.fround(sumValueLevel * sumValueLevel) > Math.fround(best * sumLevelLevel)
    if (attempt !== 0 && !(sumLevelLevel > 0 && better)) continue
    for (let i = 0; i < count; i++) {
      levels[firstLevel + i] = limit + nearestClamped(Math.fround(inverse * values[first + i]!), -limit, limit - 1)
    }
    scale = attempt === 0 && sumLevelLevel === 0 ? 0 : Math.fround(sumValueLevel / sumLevelLevel)
    best = Math.fround(scale * sumValueLevel)
  }
  return scale
}
