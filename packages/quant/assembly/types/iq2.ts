// IQ2_XXS, IQ2_XS, IQ2_S: magnitudes from a codebook of points of eight, with signs. Layouts: structs `block_iq2_*` (ggml-common.h);
// values: `dequantize_row_iq2_*` (ggml-quants.c, llama.cpp v0.5.0).
import { bookValues, IQ2_S, IQ2_XS, IQ2_XXS } from '../books'
import { halfToFloat } from '../floats'
import { evenSigns, storeSigned } from './signs'

/** The values of two points, side by side. */
// @ts-ignore: decorator
@inline
function twoPoints(values: usize, first: u32, second: u32): v128 {
  return v128.load64_lane(values + second * 8, v128.load64_zero(values + first * 8), 1)
}

/** Decodes `blocks` blocks of IQ2_XXS to float32. */
export function decodeIQ2_XXS(source: usize, destination: usize, blocks: i32): void {
  const values = bookValues(IQ2_XXS)
  for (; blocks > 0; blocks--) {
    const scale = halfToFloat(load<u16>(source))
    for (let group: usize = 0; group < 8; group++) {
      const points = load<u32>(source + 2 + group * 8)
      const signs = load<u32>(source + 2 + group * 8, 4)
      const groupScale: f32 = scale * (0.5 + <f32>(signs >> 28)) * 0.25
      const low = twoPoints(values, points & 255, (points >> 8) & 255)
      const high = twoPoints(values, (points >> 16) & 255, points >> 24)
      storeSigned(low, evenSigns(signs & 127) | (evenSigns((signs >> 7) & 127) << 8), groupScale, destination)
      storeSigned(high, evenSigns((signs >> 14) & 127) | (evenSigns((signs >> 21) & 127) << 8), groupScale, destination + 64)
      destination += 128
    }
    source += 66
  }
}

/** Decodes `blocks` blocks of IQ2_XS to float32. */
export function decodeIQ2_XS(source: usize, destination: usize, blocks: i32): void {
  const values = bookValues(IQ2_XS)
  for (; blocks > 0; blocks--) {
    const scale = halfToFloat(load<u16>(source))
    for (let group: usize = 0; group < 16; group++) {
      const first = <u32>load<u16>(source + 2 + group * 4)
      const second = <u32>load<u16>(source + 2 + group * 4, 2)
      const signs = evenSigns(first >> 9) | (evenSigns(second >> 9) << 8)
      storeSigned(twoPoints(values, first & 511, second & 511), signs, nibbleScale(source + 66, group, scale), destination)
      destination += 64
    }
    source += 74
  }
}

/** Decodes `blocks` blocks of IQ2_S to float32. */
export function decodeIQ2_S(source: usize, destination: usize, blocks: i32): void {
  const values = bookValues(IQ2_S)
  for (; blocks > 0; blocks--) {
    const scale = halfToFloat(load<u16>(source))
    for (let group: usize = 0; group < 16; group++) {
      const high = <u32>load<u8>(source + 66 + (group >> 1)) >> (4 * (<u32>group & 1))
      const first = <u32>load<u8>(source + 2 + group * 2) | ((high & 3) << 8)
      const second = <u32>load<u8>(source + 3 + group * 2) | ((high & 12) << 6)
      const signs = <u32>load<u16>(source + 34 + group * 2)
      storeSigned(twoPoints(values, first, second), signs, nibbleScale(source + 74, group, scale), destination)
      destination += 64
    }
    source += 82
  }
}

/** The scale of one of 16 groups, from a nibble. */
// @ts-ignore: decorator
@inline
function nibbleScale(nibbles: usize, group: usize, scale: f32): f32 {
  const nibble = (<u32>load<u8>(nibbles + (group >> 1)) >> (4 * (<u32>group & 1))) & 15
  return scale * (0.5 + <f32>nibble) * 0.25
}
