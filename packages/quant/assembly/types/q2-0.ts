// Q2_0: 64 numbers as levels -1 … 2 with one half scale, the largest magnitude. `quantize_row_q2_0_ref` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { largestLane, roundAwayFromZero, storeScaled, wholeToInteger } from '../vectors'

const BLOCK_BYTES: usize = 18

/** Encodes `blocks` blocks of float32. */
export function encodeQ2_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    let largest = f32x4.abs(v128.load(source))
    for (let at: usize = 16; at < 256; at += 16) largest = f32x4.pmax(largest, f32x4.abs(v128.load(source + at)))
    const magnitude = largestLane(largest)
    const inverse: f32 = magnitude > 0 ? 1 / magnitude : 0
    storeHalf(destination, magnitude)
    // A subnormal magnitude has an infinite inverse; x86 casts infinity and NaN to what ends as level -1.
    if (inverse == Infinity) v128.store(destination, i8x16.splat(0), 2)
    else {
      for (let at: usize = 0; at < 16; at += 4) {
        const numbers = source + at * 16
        const a = packFours(fourLevels(numbers, inverse))
        const b = packFours(fourLevels(numbers + 16, inverse))
        const c = packFours(fourLevels(numbers + 32, inverse))
        const d = packFours(fourLevels(numbers + 48, inverse))
        store<u32>(destination + 2 + at, a | (b << 8) | (c << 16) | (d << 24))
      }
    }
    source += 256
    destination += BLOCK_BYTES
  }
}

/** Four levels 0 … 3. */
// @ts-ignore: decorator
@inline
function fourLevels(source: usize, inverse: f32): v128 {
  const rounded = roundAwayFromZero(f32x4.mul(v128.load(source), f32x4.splat(inverse)))
  const stored = i32x4.add(wholeToInteger(rounded), i32x4.splat(1))
  return i32x4.min_s(i32x4.max_s(stored, i32x4.splat(0)), i32x4.splat(3))
}

/** Four pairs of bits to a byte, the first lowest. */
// @ts-ignore: decorator
@inline
function packFours(levels: v128): u32 {
  const halves = v128.or(levels, i64x2.shr_u(levels, 30)) // lanes 0 and 2: two levels each
  return i32x4.extract_lane(halves, 0) | (i32x4.extract_lane(halves, 2) << 4)
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ2_0(source: usize, destination: usize, blocks: i32): void {
  const pair = i8x16.splat(3)
  const one = i8x16.splat(1)
  for (; blocks > 0; blocks--) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source)))
    const bytes = v128.load(source, 2)
    const first = i8x16.sub(v128.and(bytes, pair), one)
    const second = i8x16.sub(v128.and(i8x16.shr_u(bytes, 2), pair), one)
    const third = i8x16.sub(v128.and(i8x16.shr_u(bytes, 4), pair), one)
    const fourth = i8x16.sub(i8x16.shr_u(bytes, 6), one)
    const evenLow = v128.shuffle<i8>(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
    const evenHigh = v128.shuffle<i8>(first, second, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    const oddLow = v128.shuffle<i8>(third, fourth, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
    const oddHigh = v128.shuffle<i8>(third, fourth, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    storeScaled(v128.shuffle<i16>(evenLow, oddLow, 0, 8, 1, 9, 2, 10, 3, 11), scale, destination)
    storeScaled(v128.shuffle<i16>(evenLow, oddLow, 4, 12, 5, 13, 6, 14, 7, 15), scale, destination + 64)
    storeScaled(v128.shuffle<i16>(evenHigh, oddHigh, 0, 8, 1, 9, 2, 10, 3, 11), scale, destination + 128)
    storeScaled(v128.shuffle<i16>(evenHigh, oddHigh, 4, 12, 5, 13, 6, 14, 7, 15), scale, destination + 192)
    source += BLOCK_BYTES
    destination += 256
  }
}
