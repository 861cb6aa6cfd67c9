// Search for the scale of groups of signed levels, four groups at a time, one per lane: `make_qx_quants` with `rmse_type` 1
// (ggml-quants.c, llama.cpp v0.5.0). Each lane does the scalar steps in the scalar order, so no result depends on the other lanes.
// Levels are not stored: they follow from the winning inverse scale (`searchedSignedLevels`).
import { nearestInteger, packSigned, RECORD } from '../vectors'

/** `GROUP_MAX_EPS`: below this largest magnitude a group counts as all zero. */
export const ZERO_GROUP: f32 = 1e-15

/**
 * The attempts in tenths of a level, three a pass, that share the loads and keep both additions' latency busy; a pass of two repeats its last.
 * Attempt 0 comes before all others but lies among the first three, since the last of a pass must be the one of the largest levels.
 */
const passes: usize = memory.data<f32>([-9, -8, 0, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 9], 16)
const PASS: usize = 12
const PASSES: usize = 7 * PASS
/** From this pass on the extreme number leaves the range of levels: -limit - 1/2 lies between the attempts 4 and 5. */
const LEAVING: usize = 5 * PASS

/** For each attempt of a pass: inverse scales, weighted sums of value times level, and of squared levels. */
const tried: usize = memory.data(144, 16)
const TRIED: usize = 48

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
  const top = f32x4.splat(limit - 0.5)

  let scale = zero
  let best = zero
  let bestInverse = zero
  for (let pass: usize = 0; pass < PASSES; pass += PASS) {
    const last = inverseOf(pass + 8, limit, extreme)
    v128.store(tried, inverseOf(pass, limit, extreme))
    v128.store(tried, inverseOf(pass + 4, limit, extreme), TRIED)
    v128.store(tried, last, 2 * TRIED)
    const inside = v128.or(f32x4.lt(f32x4.mul(f32x4.abs(last), opposite), top), v128.not(filled))
    const limited = pass >= LEAVING || !i32x4.all_true(inside)
    const three = load<f32>(passes + pass, 8) != load<f32>(passes + pass, 4)
    if (three) {
      if (limited) sumLevels(records, end, limit, true, true)
      else sumLevels(records, end, limit, true, false)
    } else {
      if (limited) sumLevels(records, end, limit, false, true)
      else sumLevels(records, end, limit, false, false)
    }

    if (pass == 0) {
      const valueLevel = v128.load(tried, 2 * TRIED + 16)
      const levelLevel = v128.load(tried, 2 * TRIED + 32)
      scale = v128.and(f32x4.div(valueLevel, levelLevel), f32x4.ne(levelLevel, zero))
      best = f32x4.mul(scale, valueLevel)
      bestInverse = last
    }
    const triedEnd = tried + (three && pass > 0 ? 3 * TRIED : 2 * TRIED)
    for (let at = tried; at < triedEnd; at += TRIED) {
      const valueLevel = v128.load(at, 16)
      const levelLevel = v128.load(at, 32)
      // Selected without a branch: which attempt wins cannot be foreseen, and the division goes on beside the next pass.
      const found = f32x4.div(valueLevel, levelLevel)
      const larger = f32x4.gt(f32x4.mul(valueLevel, valueLevel), f32x4.mul(best, levelLevel))
      const better = v128.and(f32x4.gt(levelLevel, zero), larger)
      scale = v128.bitselect(found, scale, better)
      best = v128.bitselect(f32x4.mul(found, valueLevel), best, better)
      bestInverse = v128.bitselect(v128.load(at), bestInverse, better)
    }
  }
  v128.store(result, v128.and(scale, filled))
  v128.store(result, v128.and(bestInverse, filled), 16)
}

// @ts-ignore: decorator
@inline
function inverseOf(attempt: usize, limit: f32, extreme: v128): v128 {
  return f32x4.div(f32x4.splat(-(limit + <f32>0.1 * load<f32>(passes + attempt))), extreme)
}

/**
 * Sums for the inverse scales in `tried`, three or two; `limited` false leaves out what keeps levels in their range. The inverse scales are
 * loaded anew for each number: kept in registers, they would drive the sums out of them (measured: a fourth slower).
 */
// @ts-ignore: decorator
@inline
function sumLevels(records: usize, end: usize, limit: f32, three: bool, limited: bool): void {
  const lowest = f32x4.splat(-limit)
  const highest = f32x4.splat(limit - 1)
  let valueLevelA = f32x4.splat(0)
  let levelLevelA = valueLevelA
  let valueLevelB = valueLevelA
  let levelLevelB = valueLevelA
  let valueLevelC = valueLevelA
  let levelLevelC = valueLevelA
  for (; records < end; records += RECORD) {
    // No level comes near 2^22, where rounding to the nearest and ggml's `nearest_int` would differ.
    const value = v128.load(records)
    const weight = v128.load(records, 16)
    const weighted = f32x4.mul(weight, value)
    let levelA = f32x4.nearest(f32x4.mul(v128.load(tried), value))
    if (limited) levelA = f32x4.pmin(f32x4.pmax(levelA, lowest), highest)
    valueLevelA = f32x4.add(valueLevelA, f32x4.mul(weighted, levelA))
    levelLevelA = f32x4.add(levelLevelA, f32x4.mul(f32x4.mul(weight, levelA), levelA))
    let levelB = f32x4.nearest(f32x4.mul(v128.load(tried, TRIED), value))
    if (limited) levelB = f32x4.pmin(f32x4.pmax(levelB, lowest), highest)
    valueLevelB = f32x4.add(valueLevelB, f32x4.mul(weighted, levelB))
    levelLevelB = f32x4.add(levelLevelB, f32x4.mul(f32x4.mul(weight, levelB), levelB))
    if (three) {
      let levelC = f32x4.nearest(f32x4.mul(v128.load(tried, 2 * TRIED), value))
      if (limited) levelC = f32x4.pmin(f32x4.pmax(levelC, lowest), highest)
      valueLevelC = f32x4.add(valueLevelC, f32x4.mul(weighted, levelC))
      levelLevelC = f32x4.add(levelLevelC, f32x4.mul(f32x4.mul(weight, levelC), levelC))
    }
  }
  v128.store(tried, valueLevelA, 16)
  v128.store(tried, levelLevelA, 32)
  v128.store(tried, valueLevelB, TRIED + 16)
  v128.store(tried, levelLevelB, TRIED + 32)
  if (three) {
    v128.store(tried, valueLevelC, 2 * TRIED + 16)
    v128.store(tried, levelLevelC, 2 * TRIED + 32)
  }
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
