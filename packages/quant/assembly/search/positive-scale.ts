// Search for the scales of groups of numbers meant to be positive: `make_qp_quants` (ggml-quants.c, llama.cpp v0.5.0), four groups at a
// time, one per lane, each with the scalar steps in the scalar order.
import { nearestInteger, RECORD } from '../vectors'
import { ZERO_GROUP } from './signed-scale'

/**
 * Finds the scales of four groups and leaves levels 0 … top, as integers, in their records.
 *
 * @param records `count` records with values and weights.
 * @param top The highest level. ggml keeps levels as bytes and limits them from above only, so a negative value ends as 256 less.
 */
export function searchPositiveScales(records: usize, count: i32, top: i32): v128 {
  const end = records + <usize>count * RECORD
  const limit = i32x4.splat(top)
  const byte = i32x4.splat(255)
  let largest = f32x4.splat(0)
  for (let at = records; at < end; at += RECORD) largest = f32x4.pmax(largest, v128.load(at))
  const filled = f32x4.ge(largest, f32x4.splat(ZERO_GROUP))

  let inverse = f32x4.div(f32x4.splat(<f32>top), largest)
  const scale = f32x4.div(f32x4.splat(1), inverse)
  let bestError = f32x4.splat(0)
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    const level = v128.and(nearestInteger(f32x4.mul(inverse, value)), byte)
    const distance = f32x4.sub(value, f32x4.mul(scale, f32x4.convert_i32x4_s(level)))
    bestError = f32x4.add(bestError, f32x4.mul(f32x4.mul(v128.load(at, 16), distance), distance))
  }
  for (let attempt = -4; attempt <= 4; attempt++) {
    if (attempt == 0) continue
    const triedInverse = f32x4.div(f32x4.splat(<f32>0.1 * <f32>attempt + <f32>top), largest)
    const triedScale = f32x4.div(f32x4.splat(1), triedInverse)
    let error = f32x4.splat(0)
    for (let at = records; at < end; at += RECORD) {
      const value = v128.load(at)
      const level = i32x4.min_s(nearestInteger(f32x4.mul(triedInverse, value)), limit)
      const distance = f32x4.sub(value, f32x4.mul(triedScale, f32x4.convert_i32x4_s(level)))
      error = f32x4.add(error, f32x4.mul(f32x4.mul(v128.load(at, 16), distance), distance))
    }
    const better = f32x4.lt(error, bestError)
    bestError = v128.bitselect(error, bestError, better)
    inverse = v128.bitselect(triedInverse, inverse, better)
  }

  let valueLevel = f32x4.splat(0)
  let levelLevel = f32x4.splat(0)
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    const weight = v128.load(at, 16)
    const level = i32x4.min_s(nearestInteger(f32x4.mul(inverse, value)), limit)
    const factor = f32x4.convert_i32x4_s(level)
    valueLevel = f32x4.add(valueLevel, f32x4.mul(f32x4.mul(weight, value), factor))
    levelLevel = f32x4.add(levelLevel, f32x4.mul(f32x4.mul(weight, factor), factor))
    v128.store(at, v128.and(v128.and(level, byte), filled), 32)
  }

  const zero = f32x4.splat(0)
  for (let turn = 0; turn < 5; turn++) {
    let changed = i32x4.splat(0)
    for (let at = records; at < end; at += RECORD) {
      const value = v128.load(at)
      const weight = v128.load(at, 16)
      const weighted = f32x4.mul(weight, value)
      const level = v128.load(at, 32)
      const factor = f32x4.convert_i32x4_s(level)
      const otherValueLevel = f32x4.sub(valueLevel, f32x4.mul(weighted, factor))
      const otherLevelLevel = f32x4.sub(levelLevel, f32x4.mul(f32x4.mul(weight, factor), factor))
      const candidate = nearestInteger(f32x4.div(f32x4.mul(value, otherLevelLevel), otherValueLevel))
      const newLevel = i32x4.min_s(candidate, limit)
      const newFactor = f32x4.convert_i32x4_s(newLevel)
      const newValueLevel = f32x4.add(otherValueLevel, f32x4.mul(weighted, newFactor))
      const newLevelLevel = f32x4.add(otherLevelLevel, f32x4.mul(f32x4.mul(weight, newFactor), newFactor))
      const left = f32x4.mul(f32x4.mul(newValueLevel, newValueLevel), levelLevel)
      const right = f32x4.mul(f32x4.mul(valueLevel, valueLevel), newLevelLevel)
      const usable = v128.and(f32x4.gt(otherValueLevel, zero), f32x4.gt(otherLevelLevel, zero))
      const better = v128.and(v128.and(usable, i32x4.ne(newLevel, level)), v128.and(f32x4.gt(left, right), filled))
      valueLevel = v128.bitselect(newValueLevel, valueLevel, better)
      levelLevel = v128.bitselect(newLevelLevel, levelLevel, better)
      v128.store(at, v128.bitselect(v128.and(newLevel, byte), level, better), 32)
      changed = v128.or(changed, better)
    }
    if (!v128.any_true(changed)) break
  }
  const positive = v128.and(f32x4.gt(levelLevel, zero), filled)
  return v128.and(f32x4.div(valueLevel, levelLevel), positive)
}
