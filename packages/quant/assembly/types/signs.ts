// Signs of the IQ types: a bit per number, or seven bits for eight whose number of ones is even.
import { spreadBits, storeScaled } from '../vectors'

/** Seven sign bits completed by the one that makes their number even (`ksigns_iq2xs`, ggml-common.h). */
// @ts-ignore: decorator
@inline
export function evenSigns(bits: u32): u32 {
  return bits | ((popcnt(bits) & 1) << 7)
}

/** Stores 16 magnitudes, negative where their sign bit is set, times a scale, as float32. */
// @ts-ignore: decorator
@inline
export function storeSigned(magnitudes: v128, signs: u32, scale: f32, destination: usize): void {
  const negative = spreadBits(signs)
  storeScaled(i8x16.sub(v128.xor(magnitudes, negative), negative), f32x4.splat(scale), destination)
}
