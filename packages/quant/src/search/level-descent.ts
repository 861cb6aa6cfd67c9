// Search for the scale of a group of signed levels by moving one level at a time. Used where there are no importance weights and few levels.
import { nearestClamped } from './nearest-integer.ts'
import { ZERO_GROUP } from './signed-scale.ts'

/**
 * Starts from the scale that maps the largest magnitude to -limit and moves single levels, for up to five rounds, while the least-squares
 * fit with weights values[i]^2 gains, as `make_q3_quants` (ggml-quants.c).
 *
 * @param values `count` float32 numbers from `first` on.
 * @param levels Receives numbers in [0, 2 * limit) from `firstLevel` on; all 0 when the group is all zero.
 * @returns The scale, a float32; negative where the largest magnitude is positive.
 */
export function descendSignedScale(
  count: number,
  limit: number,
  values: Float32Array,
  first: number,
  levels: Uint8Array,
  firstLevel: number,
): number {
  let extreme = 0
  let magnitude = 0
  for (let i = 0; i < count; i++) {
    const value = values[first + i]!
    if (Math.abs(value) > magnitude) {
      magnitude = Math.abs(value)
      extreme = value
    }
  }
  if (magnitude < ZERO_GROUP) {
    levels.fill(0, firstLevel, firstLevel + count)
    return 0
  }

  const inverse = Math.fround(-limit / extreme)
  let sumValueLevel = 0
  let sumLevelLevel = 0
  for (let i = 0; i < count; i++) {
    const value = values[first + i]!
    const level = nearestClamped(Math.fround(inverse * value), -limit, limit - 1)
    levels[firstLevel + i] = level + limit
    const weight = Math.fround(value * value)
    sumValueLevel = Math.fround(sumValueLevel + Math.fround(Math.fround(weight * value) * level))
    sumLevelLevel = Math.fround(sumLevelLevel + Math.fround(Math.fround(weight * level) * level))
  }
  for (let round = 0; round < 5; round++) {
    let changes = 0
    for (let i = 0; i < count; i++) {
      const value = values[first + i]!
      const level = levels[firstLevel + i]! - limit
      const weight = Math.fround(value * value)
      const weightedValue = Math.fround(weight * value)
      let valueLevel = Math.fround(sumValueLevel - Math.fround(weightedValue * level))
      if (!(valueLevel > 0)) continue
      let levelLevel = Math.fround(sumLevelLevel - Math.fround(Math.fround(weight * level) * level))
      const moved = nearestClamped(Math.fround(Math.fround(value * levelLevel) / valueLevel), -limit, limit - 1)
      if (moved === level) continue
      valueLevel = Math.fround(valueLevel + Math.fround(weightedValue * moved))
      levelLevel = Math.fround(levelLevel + Math.fround(Math.fround(weight * moved) * moved))
      const gain = Math.fround(Math.fround(valueLevel * valueLevel) * sumLevelLevel)
      if (levelLevel > 0 && gain > Math.fround(Math.fround(sumValueLevel * sumValueLevel) * levelLevel)) {
        levels[firstLevel + i] = moved + limit
        sumValueLevel = valueLevel
        sumLevelLevel = levelLevel
        changes++
      }
    }
    if (changes === 0) break
  }
  return sumLevelLevel > 0 ? Math.fround(sumValueLevel / sumLevelLevel) : 0
}
