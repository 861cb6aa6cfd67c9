// IQ1_S, IQ1_M: trits from a codebook of points of eight, all shifted up or down by an eighth. Layouts: structs `block_iq1_*`
// (ggml-common.h); values: `dequantize_row_iq1_*` (ggml-quants.c, llama.cpp v0.5.0).
import { bookLevels, IQ1 } from '../books'
import { halfToFloat } from '../floats'
import { storeScaled } from '../vectors'

/** Eight times the values of levels 0, 1, 2, which are whole, shifted up; shifted down they are the negatives of 2, 1, 0. */
const eighths: usize = memory.data<i8>([-7, 1, 9, 0, 0, 0, 0, 0, -9, -1, 7, 0, 0, 0, 0, 0], 16)

/** Eighths of the values of two points, each shifted down where its flag, 8, is set. */
// @ts-ignore: decorator
@inline
function twoPoints(book: usize, first: u32, firstShift: u32, second: u32, secondShift: u32): v128 {
  const levels = v128.load64_lane(book + second * 8, v128.load64_zero(book + first * 8), 1)
  const shifts = i64x2(<i64>firstShift * 0x0101010101010101, 0)
  const both = i64x2.replace_lane(shifts, 1, <i64>secondShift * 0x0101010101010101)
  return v128.swizzle(v128.load(eighths), v128.or(levels, both))
}

/** Decodes `blocks` blocks of IQ1_S to float32. */
export function decodeIQ1_S(source: usize, destination: usize, blocks: i32): void {
  const book = bookLevels(IQ1)
  for (; blocks > 0; blocks--) {
    const scale = halfToFloat(load<u16>(source))
    for (let group: usize = 0; group < 8; group++) {
      const high = <u32>load<u16>(source + 34 + group * 2)
      const points = load<u32>(source + 2 + group * 4)
      const shift = (high >> 12) & 8
      const groupScale = f32x4.splat(scale * <f32>(((high >> 12) & 7) * 2 + 1) * 0.125)
      const first = (points & 255) | ((high & 7) << 8)
      const second = ((points >> 8) & 255) | ((high & 56) << 5)
      const third = ((points >> 16) & 255) | ((high & 448) << 2)
      const fourth = (points >> 24) | ((high >> 1) & 0x700)
      storeScaled(twoPoints(book, first, shift, second, shift), groupScale, destination)
      storeScaled(twoPoints(book, third, shift, fourth, shift), groupScale, destination + 64)
      destination += 128
    }
    source += 50
  }
}

/** Decodes `blocks` blocks of IQ1_M to float32. The block's half lies in the top nibbles of four words. */
export function decodeIQ1_M(source: usize, destination: usize, blocks: i32): void {
  const book = bookLevels(IQ1)
  for (; blocks > 0; blocks--) {
    const words = load<u64>(source, 48)
    const half = ((words >> 12) & 15) | ((words >> 24) & 0xf0) | ((words >> 36) & 0xf00) | ((words >> 48) & 0xf000)
    const scale = halfToFloat(<u32>half)
    for (let group: usize = 0; group < 16; group++) {
      const step = <u32>(words >> <u64>(16 * (group >> 2) + 3 * (group & 3))) & 7
      const high = <u32>load<u8>(source + 32 + group)
      const first = <u32>load<u8>(source + 2 * group) | ((high & 7) << 8)
      const second = <u32>load<u8>(source + 2 * group, 1) | ((high & 0x70) << 4)
      const levels = twoPoints(book, first, high & 8, second, (high >> 4) & 8)
      storeScaled(levels, f32x4.splat(scale * <f32>(step * 2 + 1) * 0.125), destination)
      destination += 64
    }
    source += 56
  }
}
