// What the levels of a codebook stand for, and the reading of one point.
import type { Codebook } from '../codebooks/codebook.ts'

/** The values of levels 0, 1, 2 in all IQ2 types (`iq2xxs_grid` and its kin, ggml-common.h). */
export const IQ2_VALUES: readonly number[] = [8, 25, 43]
/** The values of levels 0 … 7 in IQ3_XXS (`iq3xxs_grid`). */
export const IQ3_XXS_VALUES: readonly number[] = [4, 12, 20, 28, 36, 44, 52, 62]
/** The values of levels 0 … 7 in IQ3_S (`iq3s_grid`). */
export const IQ3_S_VALUES: readonly number[] = [1, 3, 5, 7, 9, 11, 13, 15]
/** Eight times the values of trits -1, 0, 1 in IQ1_S and IQ1_M, shifted up or down by an eighth (`IQ1S_DELTA`): whole numbers. */
export const EIGHTHS_UP: readonly number[] = [-7, 1, 9]
export const EIGHTHS_DOWN: readonly number[] = [-9, -1, 7]

/** Writes the value of each level of a point, negative where the sign bit of that number is set. */
export function readPoint(book: Codebook, point: number, values: readonly number[], signs: number, levels: Int8Array, first: number): void {
  for (let i = 0; i < book.numbers; i++) {
    const value = values[book.levels[point * book.numbers + i]!]!
    levels[first + i] = (signs >> i) & 1 ? -value : value
  }
}

/** The scales of 16 groups from 8 bytes, low nibble first: scale * (1/2 + nibble) / 4, in float32. */
export function readNibbleScales(source: Uint8Array, at: number, scale: number, scales: Float32Array, firstGroup: number): void {
  for (let group = 0; group < 16; group++) {
    const nibble = (source[at + (group >> 1)]! >> (4 * (group & 1))) & 15
    scales[firstGroup + group] = Math.fround(scale * (0.5 + nibble)) * 0.25
  }
}
