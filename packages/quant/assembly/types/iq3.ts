// IQ3_XXS, IQ3_S: magnitudes from a codebook of points of four, with signs. Layouts: structs `block_iq3_*` (ggml-common.h);
// values: `dequantize_row_iq3_*` (ggml-quants.c, llama.cpp v0.5.0).
import { bookValues, IQ3_S, IQ3_XXS } from '../books'
import { halfToFloat } from '../floats'
import { evenSigns, storeSigned } from './signs'

/** The values of four points in a row: those numbered by four bytes, each with a ninth bit from `high`. */
// @ts-ignore: decorator
@inline
function fourPoints(values: usize, points: usize, high: u32): v128 {
  const a = <u32>load<u8>(points) | ((high & 1) << 8)
  const b = <u32>load<u8>(points, 1) | ((high & 2) << 7)
  const c = <u32>load<u8>(points, 2) | ((high & 4) << 6)
  const d = <u32>load<u8>(points, 3) | ((high & 8) << 5)
  let four = v128.load32_zero(values + a * 4)
  four = v128.load32_lane(values + b * 4, four, 1)
  four = v128.load32_lane(values + c * 4, four, 2)
  return v128.load32_lane(values + d * 4, four, 3)
}

/** Decodes `blocks` blocks of IQ3_XXS to float32. */
export function decodeIQ3_XXS(source: usize, destination: usize, blocks: i32): void {
  const values = bookValues(IQ3_XXS)
  for (; blocks > 0; blocks--) {
    const scale = halfToFloat(load<u16>(source))
    for (let group: usize = 0; group < 8; group++) {
      const points = source + 2 + group * 8
      const signs = load<u32>(source + 66 + group * 4)
      const groupScale: f32 = scale * (0.5 + <f32>(signs >> 28)) * 0.5
      storeSigned(fourPoints(values, points, 0), evenSigns(signs & 127) | (evenSigns((signs >> 7) & 127) << 8), groupScale, destination)
      const high = evenSigns((signs >> 14) & 127) | (evenSigns((signs >> 21) & 127) << 8)
      storeSigned(fourPoints(values, points + 4, 0), high, groupScale, destination + 64)
      destination += 128
    }
    source += 98
  }
}

/** Decodes `blocks` blocks of IQ3_S to float32. */
export function decodeIQ3_S(source: usize, destination: usize, blocks: i32): void {
  const values = bookValues(IQ3_S)
  for (; blocks > 0; blocks--) {
    const scale = halfToFloat(load<u16>(source))
    for (let group: usize = 0; group < 8; group++) {
      const nibble = (<u32>load<u8>(source + 106 + (group >> 1)) >> (4 * (<u32>group & 1))) & 15
      const groupScale: f32 = scale * <f32>(nibble * 2 + 1)
      const high = <u32>load<u8>(source + 66 + group)
      const points = source + 2 + group * 8
      const signs = source + 74 + group * 4
      storeSigned(fourPoints(values, points, high), load<u16>(signs), groupScale, destination)
      storeSigned(fourPoints(values, points + 4, high >> 4), load<u16>(signs, 2), groupScale, destination + 64)
      destination += 128
    }
    source += 110
  }
}
