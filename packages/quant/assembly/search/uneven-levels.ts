// The sixteen uneven levels of IQ4_NL and IQ4_XS, and the search for scales over them, four groups of 32 at a time, one per lane:
// `quantize_row_iq4_nl_impl` and `best_index_int8` (ggml-quants.c, llama.cpp v0.5.0).
import { roundings } from '../constants'
import { RECORD } from '../vectors'
import { ZERO_GROUP } from './signed-scale'

/** `kvalues_iq4nl` (ggml-common.h). */
export const UNEVEN_LEVELS: usize = memory.data<i8>([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], 16)

// A number x belongs to level k when it has reached k of the 15 midpoints between levels, the comparison ggml makes being exact near a
// midpoint. All twice the midpoints are whole, so y = floor(2 x) + 272 reaches them exactly when x does. Of the 32 numbers that share y >> 5
// all but those of bucket 8 have at most one midpoint among them: a table gives the level below it, another its low five bits.
const OFFSET: f32 = 272
/** Midpoints of the buckets before; from bucket 9 on less the second one of bucket 8, at 286, which is counted by a comparison. */
const below: usize = memory.data<u8>([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], 16)
/** Low bits of the first midpoint in the bucket, less one; 127 where there is none. */
const before: usize = memory.data<u8>([127, 8, 20, 27, 29, 27, 22, 15, 6, 21, 14, 10, 9, 13, 25, 127], 16)

/** The last place, the low five bits, and the place before the second midpoint of bucket 8. */
const limits: usize = memory.data<u16>([511, 31, 285])

/** Levels of 16 numbers in order, as bytes 0 … 15, from four vectors of floor(2 x) + 272 in 0 … 511 on top of 2^23 + 2^22. */
// @ts-ignore: decorator
@inline
function levelsOf(a: v128, b: v128, c: v128, d: v128, belows: v128, befores: v128): v128 {
  const bias = roundings()
  const last = v128.load16_splat(limits)
  const lowBits = v128.load16_splat(limits, 2)
  const beforeSecond = v128.load16_splat(limits, 4)
  const first = i16x8.min_s(i16x8.narrow_i32x4_s(i32x4.sub(a, bias), i32x4.sub(b, bias)), last)
  const second = i16x8.min_s(i16x8.narrow_i32x4_s(i32x4.sub(c, bias), i32x4.sub(d, bias)), last)
  const bucket = i8x16.narrow_i16x8_u(i16x8.shr_u(first, 5), i16x8.shr_u(second, 5))
  const low = i8x16.narrow_i16x8_u(v128.and(first, lowBits), v128.and(second, lowBits))
  const late = i8x16.narrow_i16x8_s(i16x8.gt_s(first, beforeSecond), i16x8.gt_s(second, beforeSecond))
  const reached = i8x16.gt_s(low, v128.swizzle(befores, bucket))
  return i8x16.sub(i8x16.sub(v128.swizzle(belows, bucket), reached), late)
}

/** Where a vector of numbers, already doubled and divided by their scale, lies on top of 2^23 + 2^22. */
// @ts-ignore: decorator
@inline
function placesOf(doubled: v128, rounding: v128): v128 {
  return f32x4.add(f32x4.floor(doubled), rounding)
}

/** The rounding constant plus `OFFSET`, from memory (`constants.ts`). */
// @ts-ignore: decorator
@inline
function loadPlaces(): v128 {
  return f32x4.add(roundings(), f32x4.splat(OFFSET))
}

/** Levels of 16 numbers of one block under an inverse scale, as bytes 0 … 15. Any float will do; NaN (zero times infinity) takes the last. */
export function unevenLevels(source: usize, inverse: f32): v128 {
  const doubled = f32x4.splat(2 * inverse)
  const rounding = loadPlaces()
  const a = placesOf(limited(f32x4.mul(v128.load(source), doubled)), rounding)
  const b = placesOf(limited(f32x4.mul(v128.load(source, 16), doubled)), rounding)
  const c = placesOf(limited(f32x4.mul(v128.load(source, 32), doubled)), rounding)
  const d = placesOf(limited(f32x4.mul(v128.load(source, 48), doubled)), rounding)
  return levelsOf(a, b, c, d, v128.load(below), v128.load(before))
}

// @ts-ignore: decorator
@inline
function limited(doubled: v128): v128 {
  // In this order of operands a NaN becomes 239, beyond the last midpoint.
  return f32x4.pmax(f32x4.pmin(f32x4.splat(239), doubled), f32x4.splat(-272))
}

/**
 * Tries 16 scales for four groups of 32 and stores the best at `result`; 0 for groups of zeros.
 * @param records 32 records with values and weights (`turnRuns`).
 */
export function searchUnevenScales(records: usize, result: usize): void {
  const end = records + 32 * RECORD
  let magnitude = f32x4.splat(0)
  let extreme = f32x4.splat(0)
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    const larger = f32x4.gt(f32x4.abs(value), magnitude)
    magnitude = v128.bitselect(f32x4.abs(value), magnitude, larger)
    extreme = v128.bitselect(value, extreme, larger)
  }
  const zero = f32x4.splat(0)
  const rounding = loadPlaces()
  const levels = v128.load(UNEVEN_LEVELS)
  const belows = v128.load(below)
  const befores = v128.load(before)
  let scale = zero
  let best = zero
  for (let attempt = -8; attempt <= 7; attempt++) {
    // First the extreme number at +127, then it or its opposite at -134 … -120.
    const inverse = attempt == -8
      ? f32x4.div(f32x4.splat(1), f32x4.div(extreme, f32x4.splat(127)))
      : f32x4.div(f32x4.splat(<f32>(attempt - 127)), extreme)
    const doubled = f32x4.add(inverse, inverse)
    let valueLevel = zero
    let levelLevel = zero
    for (let at = records; at < end; at += 4 * RECORD) {
      const value0 = v128.load(at)
      const value1 = v128.load(at, RECORD)
      const value2 = v128.load(at, 2 * RECORD)
      const value3 = v128.load(at, 3 * RECORD)
      const place0 = placesOf(f32x4.mul(value0, doubled), rounding)
      const place1 = placesOf(f32x4.mul(value1, doubled), rounding)
      const place2 = placesOf(f32x4.mul(value2, doubled), rounding)
      const place3 = placesOf(f32x4.mul(value3, doubled), rounding)
      const bytes = v128.swizzle(levels, levelsOf(place0, place1, place2, place3, belows, befores))
      const firstEight = i16x8.extend_low_i8x16_s(bytes)
      const lastEight = i16x8.extend_high_i8x16_s(bytes)
      const level0 = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(firstEight))
      const level1 = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(firstEight))
      const level2 = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(lastEight))
      const level3 = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(lastEight))
      const weighted0 = f32x4.mul(v128.load(at, 16), level0)
      const weighted1 = f32x4.mul(v128.load(at, RECORD + 16), level1)
      const weighted2 = f32x4.mul(v128.load(at, 2 * RECORD + 16), level2)
      const weighted3 = f32x4.mul(v128.load(at, 3 * RECORD + 16), level3)
      valueLevel = f32x4.add(f32x4.add(valueLevel, f32x4.mul(weighted0, value0)), f32x4.mul(weighted1, value1))
      valueLevel = f32x4.add(f32x4.add(valueLevel, f32x4.mul(weighted2, value2)), f32x4.mul(weighted3, value3))
      levelLevel = f32x4.add(f32x4.add(levelLevel, f32x4.mul(weighted0, level0)), f32x4.mul(weighted1, level1))
      levelLevel = f32x4.add(f32x4.add(levelLevel, f32x4.mul(weighted2, level2)), f32x4.mul(weighted3, level3))
    }
    const filled = f32x4.gt(levelLevel, zero)
    const better = f32x4.gt(f32x4.mul(valueLevel, valueLevel), f32x4.mul(best, levelLevel))
    const taken = attempt == -8 ? filled : v128.and(filled, better)
    if (v128.any_true(taken)) {
      scale = v128.bitselect(f32x4.div(valueLevel, levelLevel), scale, taken)
      best = v128.bitselect(f32x4.mul(scale, valueLevel), best, taken)
    }
  }
  v128.store(result, v128.and(scale, f32x4.ge(magnitude, f32x4.splat(ZERO_GROUP))))
}
