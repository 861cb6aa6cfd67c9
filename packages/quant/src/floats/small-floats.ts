// The 4-bit and scale-only floats of MXFP4 and NVFP4 blocks ("OCP Microscaling Formats", version 1.0, and NVIDIA's FP4).
// 8-bit floats of checkpoints are in `float8.ts`.
import { bitsFloat, floatBits } from './bits.ts'

/** Twice the values of E2M1 (0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives), so that they are integers; ggml has no -0 at index 8. */
export const DOUBLED_E2M1: readonly number[] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]

/** Half the value of an E8M0 scale, 2^(bits - 127) / 2, to go with the doubled values. 255, NaN in the format, gives 2^127 as in ggml. */
export function halvedE8m0(bits: number): number {
  return bitsFloat(bits < 2 ? 0x00200000 << bits : (bits - 1) << 23)
}

/** Half the value of an unsigned E4M3 scale (bias 7); 0x7f, NaN in the format, gives 0 as in ggml. */
export function halvedUe4m3(bits: number): number {
  if (bits === 0x7f) return 0
  const exponent = (bits >> 3) & 15
  const fraction = bits & 7
  return exponent === 0 ? fraction * 2 ** -10 : (8 + fraction) * 2 ** (exponent - 11)
}

/**
 * Rounds to unsigned E4M3, halves up, at most 448 (0x7e), as `ggml_fp32_to_ue4m3` (ggml-impl.h): numbers from 2^8 on in its top
 * binade all give 0x7e.
 */
export function floatToUe4m3(value: number): number {
  if (!(value > 0)) return 0
  const bits = floatBits(Math.min(value, 448))
  const exponent = (bits >>> 23) - 127 + 7
  if (exponent <= 0) return Math.min(7, Math.fround(Math.fround(value * 512) + 0.5) | 0)
  // Exponent and the top three bits of the fraction, plus one when the fourth is set: a carry moves to the next binade by itself.
  const rounded = ((exponent << 3) | ((bits >>> 20) & 7)) + ((bits >>> 19) & 1)
  return rounded >= 15 << 3 ? 0x7e : rounded
}

/** The index in `DOUBLED_E2M1` whose value times `scale` is nearest to `value`, the first of equals. */
export function nearestE2m1(value: number, scale: number): number {
  let nearest = 0
  let least = Math.abs(value)
  for (let index = 1; index < 16; index++) {
    const error = Math.abs(Math.fround(Math.fround(DOUBLED_E2M1[index]! * scale) - value))
    if (error < least) {
      nearest = index
      least = error
    }
  }
  return nearest
}
