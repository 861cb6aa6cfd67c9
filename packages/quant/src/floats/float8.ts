// The two 8-bit float formats of "FP8 Formats for Deep Learning" (Micikevicius and others, 2022), decoding only.
// Scaling factors stored beside such tensors are the checkpoint's business, not this file's.
import { halfToFloat } from './half.ts'

/** E4M3: bias 7, no infinities, 0x7f and 0xff are NaN, largest 448. The variant safetensors calls F8_E4M3 (torch `float8_e4m3fn`). */
export function float8e4m3ToFloat(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1
  const exponent = (bits >> 3) & 15
  const fraction = bits & 7
  if (exponent === 15 && fraction === 7) return Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -9 : sign * (8 + fraction) * 2 ** (exponent - 10)
}

/** E5M2: the upper byte of a half, with its infinities and NaNs. */
export function float8e5m2ToFloat(bits: number): number {
  return halfToFloat((bits & 0xff) << 8)
}
