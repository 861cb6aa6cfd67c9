// TQ1_0 and TQ2_0: 256 trits with one half scale, the largest magnitude; five trits to a byte, or four.
// `quantize_row_tq1_0_ref`, `quantize_row_tq2_0_ref` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { LEVELS } from '../scratch'
import { largestLane, packSigned, roundAwayFromZero, storeScaled, wholeToInteger } from '../vectors'
import { packPairs, pairsOf } from './level-pairs'

const TQ1_BYTES: usize = 54
const TQ1_SCALE: usize = 52
const TQ2_BYTES: usize = 66
const TQ2_SCALE: usize = 64

/** Rounds a block over its largest magnitude to trits 0, 1, 2 in `LEVELS`. @returns That magnitude. */
function storeTrits(source: usize): f32 {
  let largest = f32x4.splat(0)
  for (let at: usize = 0; at < 1024; at += 16) largest = f32x4.pmax(largest, f32x4.abs(v128.load(source + at)))
  const magnitude = largestLane(largest)
  const inverse: f32 = magnitude != 0 ? 1 / magnitude : 0
  // A subnormal magnitude has an infinite inverse; x86 casts infinity and NaN to what ends as trit 1, that is 0.
  if (inverse == Infinity) memory.fill(LEVELS, 1, 256)
  else {
    for (let group: usize = 0; group < 16; group++) {
      v128.store(LEVELS + group * 16, i8x16.add(sixteenTrits(source + group * 64, f32x4.splat(inverse)), i8x16.splat(1)))
    }
  }
  return magnitude
}

// @ts-ignore: decorator
@inline
function sixteenTrits(source: usize, inverse: v128): v128 {
  const a = wholeToInteger(roundAwayFromZero(f32x4.mul(v128.load(source), inverse)))
  const b = wholeToInteger(roundAwayFromZero(f32x4.mul(v128.load(source, 16), inverse)))
  const c = wholeToInteger(roundAwayFromZero(f32x4.mul(v128.load(source, 32), inverse)))
  const d = wholeToInteger(roundAwayFromZero(f32x4.mul(v128.load(source, 48), inverse)))
  return packSigned(a, b, c, d)
}

/** Encodes `blocks` blocks of float32 as TQ2_0. */
export function encodeTQ2_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    storeHalf(destination + TQ2_SCALE, storeTrits(source))
    packPairs(destination)
    source += 1024
    destination += TQ2_BYTES
  }
}

/** Decodes `blocks` blocks of TQ2_0 to float32. */
export function decodeTQ2_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source + TQ2_SCALE)))
    for (let group = 0; group < 16; group++) {
      const columns = v128.load(source + (group >> 3) * 32 + (group & 1) * 16)
      storeScaled(i8x16.sub(pairsOf(columns, (group >> 1) & 3), i8x16.splat(1)), scale, destination)
      destination += 64
    }
    source += TQ2_BYTES
  }
}

/** Encodes `blocks` blocks of float32 as TQ1_0. */
export function encodeTQ1_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    storeHalf(destination + TQ1_SCALE, storeTrits(source))
    for (let column: usize = 0; column < 32; column++) {
      const trits = LEVELS + column
      storeFraction(destination + column, load<u8>(trits), load<u8>(trits, 32), load<u8>(trits, 64), load<u8>(trits, 96), load<u8>(trits, 128))
    }
    for (let column: usize = 0; column < 16; column++) {
      const trits = LEVELS + 160 + column
      storeFraction(destination + 32 + column, load<u8>(trits), load<u8>(trits, 16), load<u8>(trits, 32), load<u8>(trits, 48), load<u8>(trits, 64))
    }
    for (let column: usize = 0; column < 4; column++) {
      const trits = LEVELS + 240 + column
      storeFraction(destination + 48 + column, load<u8>(trits), load<u8>(trits, 4), load<u8>(trits, 8), load<u8>(trits, 12), 0)
    }
    source += 1024
    destination += TQ1_BYTES
  }
}

/** Five trits, the first the most significant, as a fraction of 256, rounded up. */
// @ts-ignore: decorator
@inline
function storeFraction(destination: usize, a: u32, b: u32, c: u32, d: u32, e: u32): void {
  const number = (((a * 3 + b) * 3 + c) * 3 + d) * 3 + e
  store<u8>(destination, <u8>((number * 256 + 242) / 243))
}

/** Decodes `blocks` blocks of TQ1_0 to float32. */
export function decodeTQ1_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source + TQ1_SCALE)))
    storeFractionTrits(v128.load(source), scale, destination, 128)
    storeFractionTrits(v128.load(source, 16), scale, destination + 64, 128)
    storeFractionTrits(v128.load(source, 32), scale, destination + 640, 64)
    let fraction = v128.load32_zero(source + 48)
    for (let trit: usize = 0; trit < 4; trit++) {
      const levels = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(leadingTrits(fraction)))
      v128.store(destination + 960 + trit * 16, f32x4.mul(f32x4.convert_i32x4_s(levels), scale))
      fraction = i8x16.add(fraction, i8x16.add(fraction, fraction))
    }
    source += TQ1_BYTES
    destination += 1024
  }
}

/** Five times 16 trits of 16 fractions, `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function storeFractionTrits(fraction: v128, scale: v128, destination: usize, stride: usize): void {
  for (let trit: usize = 0; trit < 5; trit++) {
    storeScaled(leadingTrits(fraction), scale, destination + trit * stride)
    fraction = i8x16.add(fraction, i8x16.add(fraction, fraction))
  }
}

/** Three times a fraction of 256, whole part: 0, 1 or 2, less 1. */
// @ts-ignore: decorator
@inline
function leadingTrits(fraction: v128): v128 {
  const reached = i8x16.add(i8x16.ge_u(fraction, i8x16.splat(86)), i8x16.ge_u(fraction, i8x16.splat(<i8>171)))
  return i8x16.sub(i8x16.splat(-1), reached)
}
