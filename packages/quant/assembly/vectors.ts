// Small vector steps every block type uses: rounding to integers, packing them to bytes, turning lanes.
// Nothing here knows a block type.

/** 1.5 * 2^23: adding it to a float32 below 2^22 leaves the nearest integer in the low bits of the sum, ties to even. */
export const ROUNDING: f32 = 12582912.0

/** ggml's `nearest_int` in four lanes, for any input: beyond 2^22, and for NaN, the same leftover bits. */
// @ts-ignore: decorator
@inline
export function nearestInteger(values: v128): v128 {
  const bits = f32x4.add(values, f32x4.splat(ROUNDING))
  return i32x4.sub(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x00400000))
}

/** Four floats already whole and within 2^22, as integers. */
// @ts-ignore: decorator
@inline
export function wholeToInteger(values: v128): v128 {
  return i32x4.sub(f32x4.add(values, f32x4.splat(ROUNDING)), i32x4.splat(0x4b400000))
}

/** `roundf`: halves away from zero. 0.49999997 is the float below 0.5, so that the sum never reaches the next integer too early. */
// @ts-ignore: decorator
@inline
export function roundAwayFromZero(values: v128): v128 {
  const half = v128.or(v128.and(values, i32x4.splat(0x80000000)), f32x4.splat(0.4999999701976776))
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

/**
 * Turns four runs of `count` floats, one after another in memory, into `count` vectors with one lane per run, so that a search can
 * walk four runs with the steps it would take on one. `count` is a multiple of 4.
 */
export function turnRuns(source: usize, count: i32, destination: usize): void {
  const run = <usize>count << 2
  for (let element: usize = 0; element < run; element += 16) {
    const a = v128.load(source + element)
    const b = v128.load(source + element + run)
    const c = v128.load(source + element + 2 * run)
    const d = v128.load(source + element + 3 * run)
    const abLow = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
    const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
    const cdLow = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
    const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
    const out = destination + (element << 2)
    v128.store(out, v128.shuffle<i64>(abLow, cdLow, 0, 2))
    v128.store(out, v128.shuffle<i64>(abLow, cdLow, 1, 3), 16)
    v128.store(out, v128.shuffle<i64>(abHigh, cdHigh, 0, 2), 32)
    v128.store(out, v128.shuffle<i64>(abHigh, cdHigh, 1, 3), 48)
  }
}
