// Search for the scale of groups of signed levels, four groups at a time, one per lane: `make_qx_quants` with `rmse_type` 1
// (ggml-quants.c, llama.cpp v0.5.0). Each lane does the scalar steps in the scalar order, so no result depends on the other lanes.
// Levels are not stored: they follow from the winning inverse scale (`searchedSignedLevels`).
import { ROUNDING, roundings } from '../constants'
import { nearestInteger, packSigned, RECORD } from '../vectors'

/** `GROUP_MAX_EPS`: below this largest magnitude a group counts as all zero. */
export const ZERO_GROUP: f32 = 1e-15

/** Weighted sums of value times level and of squared levels, for two attempts. */
const sums: usize = memory.data(64, 16)

/**
 * Tries 19 scales for four groups and stores two vectors at `result`: the best scales, and the inverse scales whose levels they fit (0 in
 * the lanes of groups that are all zero, which scale 0 also tells).
 *
 * @param records `count` records with values and weights (`turnRuns`).
 * @param limit Levels are -limit … limit - 1.
 */
export function searchSignedScales(records: usize, count: i32, limit: f32, result: usize): void {
  const end = records + <usize>count * RECORD
  const zero = f32x4.splat(0)
  let magnitude = zero
  let extreme = zero
  let highest = zero
  let lowest = zero
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    const larger = f32x4.gt(f32x4.abs(value), magnitude)
    magnitude = v128.bitselect(f32x4.abs(value), magnitude, larger)
    extreme = v128.bitselect(value, extreme, larger)
    highest = f32x4.pmax(highest, value)
    lowest = f32x4.pmin(lowest, value)
  }
  const filled = f32x4.ge(magnitude, f32x4.splat(ZERO_GROUP))
  // The number that goes farthest up in levels, as the extreme one goes farthest down.
  const opposite = v128.bitselect(f32x4.abs(lowest), highest, f32x4.gt(extreme, zero))

  let bestInverse = f32x4.div(f32x4.splat(-limit), extreme)
  sumLevels(records, end, limit, bestInverse, bestInverse, true)
  let scale = v128.and(f32x4.div(v128.load(sums), v128.load(sums, 16)), f32x4.ne(v128.load(sums, 16), zero))
  let best = f32x4.mul(scale, v128.load(sums))

  // Two attempts a pass: they share the loads and keep both additions' latency busy.
  for (let attempt = -9; attempt <= 8; attempt += 2) {
    if (attempt == 1) attempt = 2 // -1 went together with 1
    const second = attempt == -1 ? 1 : attempt + 1
    const inverseA = f32x4.div(f32x4.splat(-(limit + <f32>0.1 * <f32>attempt)), extreme)
    const inverseB = f32x4.div(f32x4.splat(-(limit + <f32>0.1 * <f32>second)), extreme)
    // The extreme number stays above -limit - 1/2 up to the attempt 4; the second attempt reaches farther than the first.
    const reach = f32x4.mul(f32x4.abs(inverseB), opposite)
    const inside = v128.or(f32x4.lt(reach, f32x4.splat(limit - 0.5)), v128.not(filled))
    if (second <= 4 && i32x4.all_true(inside)) sumLevels(records, end, limit, inverseA, inverseB, false)
    else sumLevels(records, end, limit, inverseA, inverseB, true)

    const valueLevelA = v128.load(sums)
    const levelLevelA = v128.load(sums, 16)
    const largerA = f32x4.gt(f32x4.mul(valueLevelA, valueLevelA), f32x4.mul(best, levelLevelA))
    const betterA = v128.and(f32x4.gt(levelLevelA, zero), largerA)
    if (v128.any_true(betterA)) {
      scale = v128.bitselect(f32x4.div(valueLevelA, levelLevelA), scale, betterA)
      best = v128.bitselect(f32x4.mul(scale, valueLevelA), best, betterA)
      bestInverse = v128.bitselect(inverseA, bestInverse, betterA)
    }
    const valueLevelB = v128.load(sums, 32)
    const levelLevelB = v128.load(sums, 48)
    const largerB = f32x4.gt(f32x4.mul(valueLevelB, valueLevelB), f32x4.mul(best, levelLevelB))
    const betterB = v128.and(f32x4.gt(levelLevelB, zero), largerB)
    if (v128.any_true(betterB)) {
      scale = v128.bitselect(f32x4.div(valueLevelB, levelLevelB), scale, betterB)
      best = v128.bitselect(f32x4.mul(scale, valueLevelB), best, betterB)
      bestInverse = v128.bitselect(inverseB, bestInverse, betterB)
    }
  }
  v128.store(result, v128.and(scale, filled))
  v128.store(result, v128.and(bestInverse, filled), 16)
}

/** Sums for two inverse scales; `limited` false leaves out what keeps levels in their range. */
// @ts-ignore: decorator
@inline
function sumLevels(records: usize, end: usize, limit: f32, inverseA: v128, inverseB: v128, limited: bool): void {
  const rounding = roundings()
  const lowest = f32x4.splat(ROUNDING - limit)
  const highest = f32x4.splat(ROUNDING + limit - 1)
  let valueLevelA = f32x4.splat(0)
  let levelLevelA = valueLevelA
  let valueLevelB = valueLevelA
  let levelLevelB = valueLevelA
  for (; records < end; records += RECORD) {
    const value = v128.load(records)
    const weight = v128.load(records, 16)
    const weighted = f32x4.mul(weight, value)
    let roundedA = f32x4.add(f32x4.mul(inverseA, value), rounding)
    let roundedB = f32x4.add(f32x4.mul(inverseB, value), rounding)
    // Positive floats are in the order of their bits, and the integer units are idle.
    if (limited) {
      roundedA = i32x4.min_s(i32x4.max_s(roundedA, lowest), highest)
      roundedB = i32x4.min_s(i32x4.max_s(roundedB, lowest), highest)
    }
    const levelA = f32x4.sub(roundedA, rounding)
    const levelB = f32x4.sub(roundedB, rounding)
    valueLevelA = f32x4.add(valueLevelA, f32x4.mul(weighted, levelA))
    valueLevelB = f32x4.add(valueLevelB, f32x4.mul(weighted, levelB))
    levelLevelA = f32x4.add(levelLevelA, f32x4.mul(f32x4.mul(weight, levelA), levelA))
    levelLevelB = f32x4.add(levelLevelB, f32x4.mul(f32x4.mul(weight, levelB), levelB))
  }
  v128.store(sums, valueLevelA)
  v128.store(sums, levelLevelA, 16)
  v128.store(sums, valueLevelB, 32)
  v128.store(sums, levelLevelB, 48)
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
