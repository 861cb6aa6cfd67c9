// Refinement of levels one by one: `make_q3_quants` with `do_rmse` (ggml-quants.c, llama.cpp v0.5.0), four groups at a time, one per
// lane. Each lane does the scalar steps in the scalar order.
import { nearestInteger, RECORD } from '../vectors'
import { ZERO_GROUP } from './signed-scale'

/**
 * Finds scales for four groups, stores them at `result`, and leaves each number's level, a float in -limit … limit - 1, in its record
 * (-limit in a group of zeros).
 *
 * @param records `count` records with values and, as weights, their squares.
 */
export function searchRefinedScales(records: usize, count: i32, limit: f32, result: usize): void {
  const end = records + <usize>count * RECORD
  const zero = f32x4.splat(0)
  let magnitude = zero
  let extreme = zero
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    const larger = f32x4.gt(f32x4.abs(value), magnitude)
    magnitude = v128.bitselect(f32x4.abs(value), magnitude, larger)
    extreme = v128.bitselect(value, extreme, larger)
  }

  // Groups of zeros keep sums of 0, which no move of a level improves.
  const filled = f32x4.ge(magnitude, f32x4.splat(ZERO_GROUP))
  const inverse = f32x4.div(f32x4.splat(-limit), extreme)
  let valueLevel = zero
  let levelLevel = zero
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    const weight = v128.load(at, 16)
    const level = v128.bitselect(limitedLevels(f32x4.mul(inverse, value), limit), f32x4.splat(-limit), filled)
    v128.store(at, level, 32)
    valueLevel = f32x4.add(valueLevel, f32x4.mul(f32x4.mul(weight, value), level))
    levelLevel = f32x4.add(levelLevel, f32x4.mul(f32x4.mul(weight, level), level))
  }
  valueLevel = v128.and(valueLevel, filled)
  levelLevel = v128.and(levelLevel, filled)

  for (let turn = 0; turn < 5; turn++) {
    let changed = zero
    for (let at = records; at < end; at += RECORD) {
      const value = v128.load(at)
      const weight = v128.load(at, 16)
      const level = v128.load(at, 32)
      const weighted = f32x4.mul(weight, value)
      // The level that suits the other numbers of the group best.
      const otherValueLevel = f32x4.sub(valueLevel, f32x4.mul(weighted, level))
      const otherLevelLevel = f32x4.sub(levelLevel, f32x4.mul(f32x4.mul(weight, level), level))
      const moved = limitedLevels(f32x4.div(f32x4.mul(value, otherLevelLevel), otherValueLevel), limit)
      const possible = v128.and(f32x4.gt(otherValueLevel, zero), f32x4.ne(moved, level))
      if (!v128.any_true(possible)) continue // most numbers, after the first turn nearly all
      const newValueLevel = f32x4.add(otherValueLevel, f32x4.mul(weighted, moved))
      const newLevelLevel = f32x4.add(otherLevelLevel, f32x4.mul(f32x4.mul(weight, moved), moved))
      const left = f32x4.mul(f32x4.mul(newValueLevel, newValueLevel), levelLevel)
      const right = f32x4.mul(f32x4.mul(valueLevel, valueLevel), newLevelLevel)
      const better = v128.and(possible, v128.and(f32x4.gt(newLevelLevel, zero), f32x4.gt(left, right)))
      v128.store(at, v128.bitselect(moved, level, better), 32)
      valueLevel = v128.bitselect(newValueLevel, valueLevel, better)
      levelLevel = v128.bitselect(newLevelLevel, levelLevel, better)
      changed = v128.or(changed, better)
    }
    if (!v128.any_true(changed)) break
  }
  v128.store(result, v128.and(f32x4.div(valueLevel, levelLevel), f32x4.gt(levelLevel, zero)))
}

/** The nearest whole numbers in -limit … limit - 1. */
// @ts-ignore: decorator
@inline
function limitedLevels(values: v128, limit: f32): v128 {
  const levels = i32x4.max_s(nearestInteger(values), i32x4.splat(<i32>-limit))
  return f32x4.convert_i32x4_s(i32x4.min_s(levels, i32x4.splat(<i32>limit - 1)))
}
