// Quantizes the scales and the minimums of a block's groups, each to levels over one factor.
// Two lanes for a block, two for the next.
import { RECORD } from '../vectors'
import { searchPositiveScales } from './positive-scale'
import { MINIMUM, SCALE, WEIGHT } from './fit'

/** A record per group: scale and minimum of one block, scale and minimum of another, and the group's weight for each. */
const records: usize = memory.data(768, 16)
const factors: usize = memory.data(16, 16)

/** Enters what was found for one group of block 0 or 1; `fit` as `fitOf` gives it. */
export function setFactors(block: i32, group: i32, fit: usize): void {
  const at = records + <usize>group * RECORD + block * 8
  const weight = load<f32>(fit + WEIGHT)
  store<f32>(at, load<f32>(fit + SCALE))
  store<f32>(at, load<f32>(fit + MINIMUM), 4)
  store<f32>(at, weight, 16)
  store<f32>(at, weight, 20)
}

/** The level of a group's scale, as a byte. */
// @ts-ignore: decorator
@inline
export function scaleStep(block: i32, group: i32): u8 {
  return load<u8>(records + <usize>group * RECORD + block * 8, 32)
}

/** The level of a group's minimum, as a byte. */
// @ts-ignore: decorator
@inline
export function minimumStep(block: i32, group: i32): u8 {
  return load<u8>(records + <usize>group * RECORD + block * 8, 36)
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

/** Quantizes the entered scales and minimums of both blocks, `groups` of each, to levels 0 … top. */
export function searchFactors(groups: i32, top: i32): void {
  v128.store(factors, searchPositiveScales(records, groups, top))
}
