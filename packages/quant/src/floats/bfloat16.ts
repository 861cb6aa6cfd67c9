// bfloat16, the upper half of a float32, one number at a time. Whole tensors are converted by `types/bf16.ts`.
import { bitsFloat, floatBits } from './bits.ts'

/** Bits of +infinity; magnitudes above it are NaN. */
export const BFLOAT16_INFINITY = 0x7f80

/**
 * Rounds a float32 to bfloat16, to nearest, ties to even; subnormals are kept, NaNs made quiet with their payload.
 * `ggml_compute_fp32_to_bf16` (ggml-impl.h) and gguf-py's `BF16.quantize_blocks` agree on every input.
 */
export function floatToBfloat16(value: number): number {
  const bits = floatBits(value)
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

/** The float32 value of a bfloat16's bits; exact. */
export function bfloat16ToFloat(bits: number): number {
  return bitsFloat(bits << 16)
}
