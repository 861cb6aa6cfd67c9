// Quantizes the scales and the minimums of a block's groups, each to levels over one factor: `make_qp_quants` (ggml-quants.c, llama.cpp v0.5.0).
// Two lanes for a block, two for the next; each does the scalar steps in the scalar order.
import { nearestInteger } from '../vectors'
import { MINIMUM, SCALE, WEIGHT } from './scale-and-minimum'
import { ZERO_GROUP } from './signed-scale'

/** One vector per group: scale and minimum of one block, scale and minimum of another. */
const values: usize = memory.data(256, 16)
/** As many vectors: each group's weight, for its scale and for its minimum. */
const weights: usize = memory.data(256, 16)
/** As many vectors of integers. */
const levels: usize = memory.data(256, 16)
const factors: usize = memory.data(16, 16)

/** Enters what was found for one group of block 0 or 1; `fit` as `fitOf` gives it. */
export function setFactors(block: i32, group: i32, fit: usize): void {
  const at = group * 16 + block * 8
  const weight = load<f32>(fit + WEIGHT)
  store<f32>(values + at, load<f32>(fit + SCALE))
  store<f32>(values + at, load<f32>(fit + MINIMUM), 4)
  store<f32>(weights + at, weight)
  store<f32>(weights + at, weight, 4)
}

/** The level of a group's scale, as a byte. */
// @ts-ignore: decorator
@inline
export function scaleStep(block: i32, group: i32): u8 {
  return load<u8>(levels + group * 16 + block * 8)
}

/** The level of a group's minimum, as a byte. */
// @ts-ignore: decorator
@inline
export function minimumStep(block: i32, group: i32): u8 {
  return load<u8>(levels + group * 16 + block * 8, 4)
}

/** What the levels of a block's scales are multiplied by. */
// @ts-ignore: decorator
@inline
export function scaleFactor(block: i32): f32 {
  return load<f32>(factors + block * 8)
}

/** What the levels of a block's minimums are multiplied by. */
// @ts-ignore: decorator
@inline
export function minimumFactor(block: i32): f32 {
  return load<f32>(factors + block * 8, 4)
}

/**
 * Quantizes the entered scales and minimums of both blocks.
 * @param groups Groups per block.
 * @param top The highest level. ggml keeps levels as bytes and limits them from above only, so a negative value ends as 256 less.
 */
export function searchFactors(groups: i32, top: i32): void {
  const run = <usize>groups << 4
  const limit = i32x4.splat(top)
  const byte = i32x4.splat(255)
  let largest = f32x4.splat(0)
  for (let at: usize = 0; at < run; at += 16) largest = f32x4.pmax(largest, v128.load(values + at))
  const filled = f32x4.ge(largest, f32x4.splat(ZERO_GROUP))

  let inverse = f32x4.div(f32x4.splat(<f32>top), largest)
  const scale = f32x4.div(f32x4.splat(1), inverse)
  let bestError = f32x4.splat(0)
  for (let at: usize = 0; at < run; at += 16) {
    const value = v128.load(values + at)
    const level = v128.and(nearestInteger(f32x4.mul(inverse, value)), byte)
    const distance = f32x4.sub(value, f32x4.mul(scale, f32x4.convert_i32x4_s(level)))
    bestError = f32x4.add(bestError, f32x4.mul(f32x4.mul(v128.load(weights + at), distance), distance))
  }
  for (let attempt = -4; attempt <= 4; attempt++) {
    if (attempt == 0) continue
    const triedInverse = f32x4.div(f32x4.splat(<f32>0.1 * <f32>attempt + <f32>top), largest)
    const triedScale = f32x4.div(f32x4.splat(1), triedInverse)
    let error = f32x4.splat(0)
    for (let at: usize = 0; at < run; at += 16) {
      const value = v128.load(values + at)
      const level = i32x4.min_s(nearestInteger(f32x4.mul(triedInverse, value)), limit)
      const distance = f32x4.sub(value, f32x4.mul(triedScale, f32x4.convert_i32x4_s(level)))
      error = f32x4.add(error, f32x4.mul(f32x4.mul(v128.load(weights + at), distance), distance))
    }
    const better = f32x4.lt(error, bestError)
    bestError = v128.bitselect(error, bestError, better)
    inverse = v128.bitselect(triedInverse, inverse, better)
  }

  let valueLevel = f32x4.splat(0)
  let levelLevel = f32x4.splat(0)
  for (let at: usize = 0; at < run; at += 16) {
    const value = v128.load(values + at)
    const weight = v128.load(weights + at)
    const level = i32x4.min_s(nearestInteger(f32x4.mul(inverse, value)), limit)
    const factor = f32x4.convert_i32x4_s(level)
    valueLevel = f32x4.add(valueLevel, f32x4.mul(f32x4.mul(weight, value), factor))
    levelLevel = f32x4.add(levelLevel, f32x4.mul(f32x4.mul(weight, factor), factor))
    v128.store(levels + at, v128.and(v128.and(level, byte), filled))
  }

  const zero = f32x4.splat(0)
  for (let turn = 0; turn < 5; turn++) {
    let changed = i32x4.splat(0)
    for (let at: usize = 0; at < run; at += 16) {
      const value = v128.load(values + at)
      const weight = v128.load(weights + at)
      const weighted = f32x4.mul(weight, value)
      const level = v128.load(levels + at)
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
      v128.store(levels + at, v128.bitselect(v128.and(newLevel, byte), level, better))
      changed = v128.or(changed, better)
    }
    if (!v128.any_true(changed)) break
  }
  const positive = v128.and(f32x4.gt(levelLevel, zero), filled)
  v128.store(factors, v128.and(f32x4.div(valueLevel, levelLevel), positive))
}
