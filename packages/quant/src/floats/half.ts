// IEEE 754 binary16, one number at a time. Whole tensors are converted by `types/f16.ts`.
import { bitsFloat, floatBits } from './bits.ts'

/** Bits of +infinity; magnitudes above it are NaN. */
export const HALF_INFINITY = 0x7c00

/**
 * Rounds a float32 to half precision, to nearest, ties to even; subnormals are kept.
 * Every NaN becomes the quiet NaN 0x7e00 with its sign, as `ggml_compute_fp32_to_fp16` (ggml-impl.h) has it; numpy's
 * `astype(float16)` keeps part of a NaN's payload and is equal for every other value.
 */
export function floatToHalf(value: number): number {
  const bits = floatBits(value)
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x477ff000) return sign | HALF_INFINITY // 65520 lies half way between 65504 and what would be 65536
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13)
  // Below 2^-14: the spacing of halves, 2^-24, is that of float32 in [0.5, 1), so adding 0.5 rounds at the right bit.
  return sign | (floatBits(Math.abs(value) + 0.5) - 0x3f000000)
}

/** The float32 value of a half's bits; exact. */
export function halfToFloat(bits: number): number {
  const magnitude = bits & 0x7fff
  if (magnitude < 0x400) return bits & 0x8000 ? -magnitude * 2 ** -24 : magnitude * 2 ** -24
  const rebased = magnitude >= HALF_INFINITY ? 0x7f800000 | ((magnitude & 0x3ff) << 13) : (magnitude << 13) + 0x38000000
  return bitsFloat(((bits & 0x8000) << 16) | rebased)
}

/** Reads a little-endian half at a byte offset, as float32. */
export function readHalf(bytes: Uint8Array, offset: number): number {
  return halfToFloat(bytes[offset]! | (bytes[offset + 1]! << 8))
}

/** Rounds `value` to a half and stores it little-endian. @returns the stored value as float32, which is what a decoder will see. */
export function writeHalf(bytes: Uint8Array, offset: number, value: number): number {
  const bits = floatToHalf(value)
  bytes[offset] = bits
  bytes[offset + 1] = bits >>> 8
  return halfToFloat(bits)
}
