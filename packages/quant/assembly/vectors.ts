// Small vector steps every block type uses: rounding to integers, packing them to bytes, turning lanes.
// Nothing here knows a block type.
import { fractionBits, nearlyHalves, roundingBits, roundings, signBits } from './constants'

/** ggml's `nearest_int` in four lanes, for any input: beyond 2^22, and for NaN, the same leftover bits. */
// @ts-ignore: decorator
@inline
export function nearestInteger(values: v128): v128 {
  return i32x4.sub(v128.and(f32x4.add(values, roundings()), fractionBits()), roundingBits())
}

/** `nearestInteger` of one number, cut to a byte. */
// @ts-ignore: decorator
@inline
export function nearestStep(value: f32): u8 {
  return <u8>i32x4.extract_lane(nearestInteger(f32x4.splat(value)), 0)
}

/** Four floats already whole and within 2^22, as integers. */
// @ts-ignore: decorator
@inline
export function wholeToInteger(values: v128): v128 {
  return i32x4.sub(f32x4.add(values, roundings()), roundings())
}

/** `roundf`: halves away from zero. 0.49999997 is the float below 0.5, so that the sum never reaches the next integer too early. */
// @ts-ignore: decorator
@inline
export function roundAwayFromZero(values: v128): v128 {
  const half = v128.or(v128.and(values, signBits()), nearlyHalves())
  return f32x4.trunc(f32x4.add(values, half))
}

/** 16 integers within -128..127 to 16 bytes, in order. */
// @ts-ignore: decorator
@inline
export function packSigned(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d))
}

/** The largest lane. */
// @ts-ignore: decorator
@inline
export function largestLane(values: v128): f32 {
  const pair = f32x4.pmax(values, v128.shuffle<i64>(values, values, 1, 0))
  return f32x4.extract_lane(f32x4.pmax(pair, v128.shuffle<i32>(pair, pair, 1, 0, 3, 2)), 0)
}

/** The smallest lane. */
// @ts-ignore: decorator
@inline
export function smallestLane(values: v128): f32 {
  const pair = f32x4.pmin(values, v128.shuffle<i64>(values, values, 1, 0))
  return f32x4.extract_lane(f32x4.pmin(pair, v128.shuffle<i32>(pair, pair, 1, 0, 3, 2)), 0)
}

/** Bytes of a record, what a search knows of one number in each of four groups: its value, its weight, and room for its level. */
export const RECORD: usize = 48

/**
 * Turns four runs of `count` floats, one after another in memory, into vectors with one lane per run, so that a search can walk four
 * groups with the steps it would take on one. Vectors are `RECORD` bytes apart; `count` is a multiple of 4.
 */
export function turnRuns(source: usize, count: i32, destination: usize): void {
  const run = <usize>count << 2
  for (const end = source + run; source < end; source += 16) {
    const a = v128.load(source)
    const b = v128.load(source + run)
    const c = v128.load(source + 2 * run)
    const d = v128.load(source + 3 * run)
    const abLow = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
    const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
    const cdLow = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
    const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
    v128.store(destination, v128.shuffle<i64>(abLow, cdLow, 0, 2))
    v128.store(destination, v128.shuffle<i64>(abLow, cdLow, 1, 3), RECORD)
    v128.store(destination, v128.shuffle<i64>(abHigh, cdHigh, 0, 2), 2 * RECORD)
    v128.store(destination, v128.shuffle<i64>(abHigh, cdHigh, 1, 3), 3 * RECORD)
    destination += 4 * RECORD
  }
}

/** 16 levels 0 … `top` of numbers under a scale and a minimum, as bytes: the nearest to (x + minimum) / scale. */
// @ts-ignore: decorator
@inline
export function sixteenLevels(source: usize, scale: v128, minimum: v128, top: u8): v128 {
  const a = nearestInteger(f32x4.div(f32x4.add(v128.load(source), minimum), scale))
  const b = nearestInteger(f32x4.div(f32x4.add(v128.load(source, 16), minimum), scale))
  const c = nearestInteger(f32x4.div(f32x4.add(v128.load(source, 32), minimum), scale))
  const d = nearestInteger(f32x4.div(f32x4.add(v128.load(source, 48), minimum), scale))
  // Packing limits to 0 … 255 in two steps, neither of which can turn a number below the range into one above it.
  const packed = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d))
  return i8x16.min_u(packed, i8x16.splat(top))
}

/**
 * 16 levels of numbers, as bytes: (x - base) * inverse + half, cut to an integer and then to `top` at most. An inverse that is infinite,
 * from a subnormal scale, gives 0: what x86 makes of infinity and NaN cast to a byte.
 */
// @ts-ignore: decorator
@inline
export function truncatedLevels(source: usize, base: f32, inverse: f32, half: f32, top: u8): v128 {
  if (abs(inverse) == Infinity) return i8x16.splat(0)
  const inverses = f32x4.splat(inverse)
  const bases = f32x4.splat(base)
  const halves = f32x4.splat(half)
  const a = wholeToInteger(f32x4.trunc(f32x4.add(f32x4.mul(f32x4.sub(v128.load(source), bases), inverses), halves)))
  const b = wholeToInteger(f32x4.trunc(f32x4.add(f32x4.mul(f32x4.sub(v128.load(source, 16), bases), inverses), halves)))
  const c = wholeToInteger(f32x4.trunc(f32x4.add(f32x4.mul(f32x4.sub(v128.load(source, 32), bases), inverses), halves)))
  const d = wholeToInteger(f32x4.trunc(f32x4.add(f32x4.mul(f32x4.sub(v128.load(source, 48), bases), inverses), halves)))
  return i8x16.min_u(packSigned(a, b, c, d), i8x16.splat(top))
}

/** Stores 16 signed bytes times a scale as float32. */
// @ts-ignore: decorator
@inline
export function storeScaled(levels: v128, scale: v128, destination: usize): void {
  const low = i16x8.extend_low_i8x16_s(levels)
  const high = i16x8.extend_high_i8x16_s(levels)
  v128.store(destination, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)), scale))
  v128.store(destination, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)), scale), 16)
  v128.store(destination, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)), scale), 32)
  v128.store(destination, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)), scale), 48)
}

/** Stores 16 unsigned bytes times a scale, plus an offset, as float32. */
// @ts-ignore: decorator
@inline
export function storeScaledAndMoved(levels: v128, scale: v128, offset: v128, destination: usize): void {
  const low = i16x8.extend_low_i8x16_u(levels)
  const high = i16x8.extend_high_i8x16_u(levels)
  v128.store(destination, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)), scale), offset))
  v128.store(destination, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)), scale), offset), 16)
  v128.store(destination, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)), scale), offset), 32)
  v128.store(destination, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)), scale), offset), 48)
}

/** The fifth bits of 16 levels as 16 bits, the first level's lowest. */
// @ts-ignore: decorator
@inline
export function fifthBits(levels: v128): u32 {
  return i8x16.bitmask(i8x16.shl(levels, 3))
}

/** 16 bits back to 16 bytes, each 16 or 0. */
// @ts-ignore: decorator
@inline
export function spreadFifthBits(bits: u32): v128 {
  return v128.and(spreadBits(bits), i8x16.splat(16))
}

/** 16 bits to 16 bytes, each with all its bits set or none; the lowest bit first. */
// @ts-ignore: decorator
@inline
export function spreadBits(bits: u32): v128 {
  const halves = i16x8.splat(<i16>bits)
  const bytes = v128.shuffle<i8>(halves, halves, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)
  const places = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128)
  return i8x16.eq(v128.and(bytes, places), places)
}
