// Half precision, bfloat16 and float32, one number or four at a time, with ggml's rounding.
// Not the kernels for whole rows (`types/f16.ts`, `types/bf16.ts`).
import { belowBfloat16Units, belowHalfUnits, halfInfinities, halfSteps, leastNormalHalves, magnitudeBits } from './constants'

/** Four halves in the low 16 bits of each lane, as float32; exact, subnormals and NaN payloads kept. */
// @ts-ignore: decorator
@inline
export function halvesToFloats(halves: v128): v128 {
  const magnitude = v128.and(halves, belowBfloat16Units()) // 0x7fff
  const sign = i32x4.shl(v128.xor(halves, magnitude), 16)
  const rebased = i32x4.add(i32x4.shl(magnitude, 13), halfSteps())
  // Infinity and NaN need the exponent raised once more by the same step.
  const special = v128.and(i32x4.ge_s(magnitude, halfInfinities()), halfSteps())
  // Below 2^-14 a half counts steps of 2^-24, and a small integer is exact as a float.
  const subnormal = f32x4.mul(f32x4.convert_i32x4_s(magnitude), f32x4.splat(5.9604644775390625e-8))
  const value = v128.bitselect(subnormal, i32x4.add(rebased, special), i32x4.lt_s(magnitude, i32x4.splat(0x400)))
  return v128.or(value, sign)
}

/** Four float32 rounded to halves, to nearest, ties to even, in the low 16 bits of each lane. Every NaN becomes 0x7e00 with its sign. */
// @ts-ignore: decorator
@inline
export function floatsToHalves(values: v128): v128 {
  const magnitude = v128.and(values, magnitudeBits())
  const sign = i32x4.shr_u(v128.xor(values, magnitude), 16)
  const odd = i32x4.shr_u(i32x4.shl(magnitude, 18), 31)
  const rounded = i32x4.shr_u(i32x4.add(i32x4.sub(magnitude, halfSteps()), i32x4.add(odd, belowHalfUnits())), 13)
  // From 65520 on the rounded bits reach those of infinity or pass them.
  const normal = i32x4.min_s(rounded, halfInfinities())
  // The spacing of float32 in [0.5, 1) is that of halves below 2^-14: adding 0.5 rounds at the right bit.
  const subnormal = i32x4.sub(f32x4.add(magnitude, f32x4.splat(0.5)), i32x4.splat(0x3f000000))
  const finite = v128.bitselect(subnormal, normal, i32x4.lt_s(magnitude, leastNormalHalves()))
  const notANumber = i32x4.gt_s(magnitude, i32x4.splat(0x7f800000))
  return v128.or(v128.bitselect(i32x4.splat(0x7e00), finite, notANumber), sign)
}

/** Four float32 rounded to bfloat16, to nearest, ties to even, in the low 16 bits of each lane; NaNs made quiet with their payload. */
// @ts-ignore: decorator
@inline
export function floatsToBfloat16s(values: v128): v128 {
  const odd = i32x4.shr_u(i32x4.shl(values, 15), 31)
  const rounded = i32x4.shr_u(i32x4.add(values, i32x4.add(odd, belowBfloat16Units())), 16)
  const quiet = v128.or(i32x4.shr_u(values, 16), i32x4.splat(0x40))
  const notANumber = i32x4.gt_s(v128.and(values, magnitudeBits()), i32x4.splat(0x7f800000))
  return v128.bitselect(quiet, rounded, notANumber)
}

/** One half as float32. */
export function halfToFloat(half: u32): f32 {
  const magnitude = half & 0x7fff
  if (magnitude - 0x400 >= 0x7800) return f32x4.extract_lane(halvesToFloats(i32x4.splat(half)), 0)
  return reinterpret<f32>(((half & 0x8000) << 16) | ((magnitude << 13) + 0x38000000))
}

/** Bit 15 is set once a half that was stored is NaN or infinite: its exponent, all ones, carries. */
let exponents: u32 = 0

/** Tells whether NaN or infinity was stored since the last call: 1 or 0. */
export function takeOverflow(): u32 {
  const overflow = (exponents >> 15) & 1
  exponents = 0
  return overflow
}

/** Makes `takeOverflow` answer 1. */
// @ts-ignore: decorator
@inline
export function reportOverflow(): void {
  exponents = 0x8000
}

/** Rounds to a half, stores it little-endian at `address`, and returns what a decoder will read there. */
export function storeHalf(address: usize, value: f32): f32 {
  const half = encodedHalf(value)
  store<u16>(address, <u16>half)
  return halfToFloat(half)
}

/** Rounds four numbers to halves, in the low 16 bits of each lane, for the caller to store. */
// @ts-ignore: decorator
@inline
export function encodedHalves(values: v128): v128 {
  const halves = floatsToHalves(values)
  if (v128.any_true(i32x4.ge_s(v128.and(halves, belowBfloat16Units()), halfInfinities()))) reportOverflow() // belowBfloat16Units: 0x7fff
  return halves
}

/** Rounds to a half, for the caller to store. */
export function encodedHalf(value: f32): u32 {
  const bits = reinterpret<u32>(value)
  const magnitude = bits & 0x7fffffff
  // From the least normal half up to where they round to infinity.
  if (magnitude - 0x38800000 < 0x477ff000 - 0x38800000) {
    return ((bits >> 16) & 0x8000) | ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13)
  }
  const half = i32x4.extract_lane(floatsToHalves(f32x4.splat(value)), 0)
  exponents |= (half & 0x7c00) + 0x400
  return half
}
