// ggml's rounding of a float32 to an integer, with its results for numbers that are out of range or not numbers.
import { floatBits } from '../floats/bits.ts'

/** 1.5 * 2^23: in [2^23, 2^24) the spacing of float32 is 1, so adding this rounds to an integer, ties to even. */
const ROUNDER = 12582912

/**
 * The integer nearest to a float32, ties to even, as `nearest_int` (ggml-quants.c) computes it: the low 23 bits of the sum with 1.5 * 2^23.
 * Past +-2^22 those bits mean something else, and NaN has some too; the searches meet such arguments when a divisor nearly cancels, and
 * clamp the result, so equality with ggml needs the same bits.
 */
export function nearestInteger(value: number): number {
  const shifted = Math.fround(value + ROUNDER)
  if (shifted >= 8388608 && shifted < 16777216) return shifted - ROUNDER
  return (floatBits(shifted) & 0x7fffff) - 0x400000
}

/** `nearestInteger` limited to [low, high]. */
export function nearestClamped(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, nearestInteger(value)))
}

/** C's `roundf` to an int8's range of arguments: half away from zero. Infinities and NaN, which a subnormal scale can cause, give 0 as on x86. */
export function roundHalfAway(value: number): number {
  return value < 0 ? (value - 0.5) | 0 : (value + 0.5) | 0
}
