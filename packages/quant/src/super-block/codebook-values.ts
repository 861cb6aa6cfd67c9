// What the levels of a codebook stand for, and the decoding of one point.
import type { Codebook } from '../codebooks/codebook.ts'

/** The values of levels 0, 1, 2 in all IQ2 types (`iq2xxs_grid` and its kin, ggml-common.h). */
export const IQ2_VALUES: readonly number[] = [8, 25, 43]
/** The values of levels 0 … 7 in IQ3_XXS (`iq3xxs_grid`). */
export const IQ3_XXS_VALUES: readonly number[] = [4, 12, 20, 28, 36, 44, 52, 62]
/** The values of levels 0 … 7 in IQ3_S (`iq3s_grid`). */
export const IQ3_S_VALUES: readonly number[] = [1, 3, 5, 7, 9, 11, 13, 15]

/** Writes scale * value for each level of a point, negative where the sign bit of that number is set. */
export function dequantizePoint(
  book: Codebook,
  point: number,
  values: readonly number[],
  scale: number,
  signs: number,
  destination: Float32Array,
  first: number,
): void {
  for (let i = 0; i < book.numbers; i++) {
    const value = scale * values[book.levels[point * book.numbers + i]!]!
    destination[first + i] = (signs >> i) & 1 ? -value : value
  }
}
