// Search for the scale of groups of signed levels, four groups at a time, one per lane: `make_qx_quants` with `rmse_type` 1
// (ggml-quants.c, llama.cpp v0.5.0). Each lane does the scalar steps in the scalar order, so no result depends on the other lanes.
// Levels are not stored: they follow from the winning inverse scale (`searchedSignedLevels`).
import { ROUNDING, roundings } from '../constants'
import { nearestInteger, packSigned, RECORD } from '../vectors'

/** `GROUP_MAX_EPS`: below this largest magnitude a group counts as all zero. */
export const ZERO_GROUP: f32 = 1e-15

/**
 * Tries 19 scales for four groups and stores two vectors at `result`: the best scales, and the inverse scales whose levels they fit (0 in
 * the lanes of groups that are all zero, which scale 0 also tells).
 *
 * @param records `count` records with values and weights (`turnRuns`).
 * @param limit Levels are -limit … limit - 1.
 */
export function searchSignedScales(records: usize, count: i32, limit: f32, result: usize): void {
  const end = records + <usize>count * RECORD
  let magnitude = f32x4.splat(0)
  let extreme = f32x4.splat(0)
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    const larger = f32x4.gt(f32x4.abs(value), magnitude)
    magnitude = v128.bitselect(f32x4.abs(value), magnitude, larger)
    extreme = v128.bitselect(value, extreme, larger)
  }

  const rounding = roundings()
  const lowest = f32x4.splat(ROUNDING - limit)
  const highest = f32x4.splat(ROUNDING + limit - 1)

  let bestInverse = f32x4.div(f32x4.splat(-limit), extreme)
  let valueLevel = f32x4.splat(0)
  let levelLevel = f32x4.splat(0)
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    const weight = v128.load(at, 16)
    const rounded = f32x4.add(f32x4.mul(bestInverse, value), rounding)
    const level = f32x4.sub(f32x4.pmin(f32x4.pmax(rounded, lowest), highest), rounding)
    valueLevel = f32x4.add(valueLevel, f32x4.mul(f32x4.mul(weight, value), level))
    levelLevel = f32x4.add(levelLevel, f32x4.mul(f32x4.mul(weight, level), level))
  }
  const zero = f32x4.splat(0)
  let scale = v128.and(f32x4.div(valueLevel, levelLevel), f32x4.ne(levelLevel, zero))
  let best = f32x4.mul(scale, valueLevel)

  // Two attempts a pass: they share the loads and keep both additions' latency busy.
  for (let attempt = -9; attempt <= 9; attempt += 2) {
    const second = attempt == -1 ? 1 : attempt + 1
    const inverseA = f32x4.div(f32x4.splat(-(limit + <f32>0.1 * <f32>attempt)), extreme)
    const inverseB = f32x4.div(f32x4.splat(-(limit + <f32>0.1 * <f32>second)), extreme)
    let valueLevelA = zero
    let levelLevelA = zero
    let valueLevelB = zero
    let levelLevelB = zero
    for (let at = records; at < end; at += RECORD) {
      const value = v128.load(at)
      const weight = v128.load(at, 16)
      const weighted = f32x4.mul(weight, value)
      const roundedA = f32x4.add(f32x4.mul(inverseA, value), rounding)
      const roundedB = f32x4.add(f32x4.mul(inverseB, value), rounding)
      const levelA = f32x4.sub(i32x4.min_s(i32x4.max_s(roundedA, lowest), highest), rounding)
      const levelB = f32x4.sub(i32x4.min_s(i32x4.max_s(roundedB, lowest), highest), rounding)
      valueLevelA = f32x4.add(valueLevelA, f32x4.mul(weighted, levelA))
      valueLevelB = f32x4.add(valueLevelB, f32x4.mul(weighted, levelB))
      levelLevelA = f32x4.add(levelLevelA, f32x4.mul(f32x4.mul(weight, levelA), levelA))
      levelLevelB = f32x4.add(levelLevelB, f32x4.mul(f32x4.mul(weight, levelB), levelB))
    }
    if (attempt == -1) attempt = 0 // the second was 1: go on with 2

    const betterA = v128.and(f32x4.gt(levelLevelA, zero), f32x4.gt(f32x4.mul(valueLevelA, valueLevelA), f32x4.mul(best, levelLevelA)))
    if (v128.any_true(betterA)) {
      scale = v128.bitselect(f32x4.div(valueLevelA, levelLevelA), scale, betterA)
      best = v128.bitselect(f32x4.mul(scale, valueLevelA), best, betterA)
      bestInverse = v128.bitselect(inverseA, bestInverse, betterA)
    }
    const betterB = v128.and(f32x4.gt(levelLevelB, zero), f32x4.gt(f32x4.mul(valueLevelB, valueLevelB), f32x4.mul(best, levelLevelB)))
    if (v128.any_true(betterB)) {
      scale = v128.bitselect(f32x4.div(valueLevelB, levelLevelB), scale, betterB)
      best = v128.bitselect(f32x4.mul(scale, valueLevelB), best, betterB)
      bestInverse = v128.bitselect(inverseB, bestInverse, betterB)
    }
  }

  const filled = f32x4.ge(magnitude, f32x4.splat(ZERO_GROUP))
  v128.store(result, v128.and(scale, filled))
  v128.store(result, v128.and(bestInverse, filled), 16)
}

/**
 * The levels of 16 numbers of one group under the inverse scale of its search, as bytes 0 … 2 * limit - 1; all 0 where the inverse scale is 0,
 * since ggml leaves those of a group of zeros at 0.
 */
export function searchedSignedLevels(source: usize, inverse: f32, limit: i32): v128 {
  if (inverse == 0) return i8x16.splat(0)
  const inverses = f32x4.splat(inverse)
  const a = signedLevels(v128.load(source), inverses, limit)
  const b = signedLevels(v128.load(source, 16), inverses, limit)
  const c = signedLevels(v128.load(source, 32), inverses, limit)
  const d = signedLevels(v128.load(source, 48), inverses, limit)
  return i8x16.add(packSigned(a, b, c, d), i8x16.splat(<i8>limit))
}

// @ts-ignore: decorator
@inline
function signedLevels(values: v128, inverse: v128, limit: i32): v128 {
  const level = nearestInteger(f32x4.mul(inverse, values))
  return i32x4.min_s(i32x4.max_s(level, i32x4.splat(-limit)), i32x4.splat(limit - 1))
}
