// Refinement of levels one by one: `make_q3_quants` with `do_rmse` (ggml-quants.c, llama.cpp v0.5.0), 16 groups at a time in four
// vectors. Each lane does the scalar steps in the scalar order; the four vectors hide one another's divisions.
import { nearestInteger, RECORD } from '../vectors'
import { ZERO_GROUP } from './signed-scale'

// Sums of four groups, one vector each.
const VALUE_LEVEL: usize = 0
const LEVEL_LEVEL: usize = 16
const SUMS: usize = 32

const sums: usize = memory.data(128, 16)
/** Where `searchRefinedScales` leaves 16 scales. */
export const REFINED: usize = memory.data(64, 16)

/**
 * Finds scales for 16 groups and leaves each number's level, a float in -limit … limit - 1, in its record (-limit in a group of zeros).
 *
 * @param records Four runs of `count` records with values and, as weights, their squares.
 */
export function searchRefinedScales(records: usize, count: i32, limit: f32): void {
  const run = <usize>count * RECORD
  for (let index: usize = 0; index < 4; index++) startRefining(records + index * run, run, limit, sums + index * SUMS)
  for (let turn = 0; turn < 5; turn++) {
    let changed = i32x4.splat(0)
    for (let at = records; at < records + run; at += RECORD) {
      changed = v128.or(changed, refine(at, limit, sums))
      changed = v128.or(changed, refine(at + run, limit, sums + SUMS))
      changed = v128.or(changed, refine(at + 2 * run, limit, sums + 2 * SUMS))
      changed = v128.or(changed, refine(at + 3 * run, limit, sums + 3 * SUMS))
    }
    if (!v128.any_true(changed)) break
  }
  for (let index: usize = 0; index < 4; index++) {
    const levelLevel = v128.load(sums + index * SUMS + LEVEL_LEVEL)
    const scale = f32x4.div(v128.load(sums + index * SUMS + VALUE_LEVEL), levelLevel)
    v128.store(REFINED + index * 16, v128.and(scale, f32x4.gt(levelLevel, f32x4.splat(0))))
  }
}

/** Levels under the scale that takes the largest magnitude to -limit, and their sums; sums of 0 for groups that count as zero. */
function startRefining(records: usize, run: usize, limit: f32, into: usize): void {
  const end = records + run
  let magnitude = f32x4.splat(0)
  let extreme = f32x4.splat(0)
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    const larger = f32x4.gt(f32x4.abs(value), magnitude)
    magnitude = v128.bitselect(f32x4.abs(value), magnitude, larger)
    extreme = v128.bitselect(value, extreme, larger)
  }
  const filled = f32x4.ge(magnitude, f32x4.splat(ZERO_GROUP))
  const inverse = f32x4.div(f32x4.splat(-limit), extreme)
  let valueLevel = f32x4.splat(0)
  let levelLevel = f32x4.splat(0)
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    const weight = v128.load(at, 16)
    const nearest = limitLevels(nearestInteger(f32x4.mul(inverse, value)), limit)
    const level = v128.bitselect(nearest, f32x4.splat(-limit), filled)
    v128.store(at, level, 32)
    valueLevel = f32x4.add(valueLevel, f32x4.mul(f32x4.mul(weight, value), level))
    levelLevel = f32x4.add(levelLevel, f32x4.mul(f32x4.mul(weight, level), level))
  }
  v128.store(into, v128.and(valueLevel, filled), VALUE_LEVEL)
  v128.store(into, v128.and(levelLevel, filled), LEVEL_LEVEL)
}

// @ts-ignore: decorator
@inline
function limitLevels(levels: v128, limit: f32): v128 {
  return f32x4.convert_i32x4_s(i32x4.min_s(i32x4.max_s(levels, i32x4.splat(<i32>-limit)), i32x4.splat(<i32>limit - 1)))
}

/** Moves the level of one number in each of four groups to what suits the others best, where that improves the fit. @returns Lanes changed. */
// @ts-ignore: decorator
@inline
function refine(record: usize, limit: f32, into: usize): v128 {
  const value = v128.load(record)
  const weight = v128.load(record, 16)
  const level = v128.load(record, 32)
  const valueLevel = v128.load(into, VALUE_LEVEL)
  const levelLevel = v128.load(into, LEVEL_LEVEL)
  const weighted = f32x4.mul(weight, value)
  const otherValueLevel = f32x4.sub(valueLevel, f32x4.mul(weighted, level))
  const otherLevelLevel = f32x4.sub(levelLevel, f32x4.mul(f32x4.mul(weight, level), level))
  const moved = limitLevels(nearestInteger(f32x4.div(f32x4.mul(value, otherLevelLevel), otherValueLevel)), limit)
  const newValueLevel = f32x4.add(otherValueLevel, f32x4.mul(weighted, moved))
  const newLevelLevel = f32x4.add(otherLevelLevel, f32x4.mul(f32x4.mul(weight, moved), moved))
  const left = f32x4.mul(f32x4.mul(newValueLevel, newValueLevel), levelLevel)
  const right = f32x4.mul(f32x4.mul(valueLevel, valueLevel), newLevelLevel)
  const zero = f32x4.splat(0)
  const possible = v128.and(f32x4.gt(otherValueLevel, zero), f32x4.ne(moved, level))
  const better = v128.and(possible, v128.and(f32x4.gt(newLevelLevel, zero), f32x4.gt(left, right)))
  v128.store(record, v128.bitselect(moved, level, better), 32)
  v128.store(into, v128.bitselect(newValueLevel, valueLevel, better), VALUE_LEVEL)
  v128.store(into, v128.bitselect(newLevelLevel, levelLevel, better), LEVEL_LEVEL)
  return better
}
