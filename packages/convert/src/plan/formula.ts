// How a tensor that no file holds is computed from tensors that files do hold: quantized levels and their scales, a weight and an adapter.
// Data, so that a plan can be written down. The arithmetic is in `../execute/formulas`.
import type { Transform } from '@fs/arch/transforms'
import type { RotaryRecipe } from '@fs/onnx/rows'

/**
 * Each makes one matrix from operands, in the order given here. A vector counts as a column, a scalar as one row of one number.
 * Everything is computed in float32 and rounded to nearest after each operation, as the libraries that made such files compute it.
 */
export type Formula =
  /**
   * [weight, scales, shift?, groups?]: one scale for each block of `blockRows` x `blockColumns` numbers, times `factor`.
   * The shift is subtracted before scaling (`zeros`) or added at the end (`biases`). Where groups are named, a vector says for each row of the
   * weight which row of scales it has, or for each column which column, in place of the block's size (GPTQ's g_idx).
   */
  | {
      readonly kind: 'scaled'
      readonly blockRows: number
      readonly blockColumns: number
      readonly factor: number
      readonly shift: 'none' | 'zeros' | 'biases'
      readonly groups: 'blocks' | 'named-rows' | 'named-columns'
    }
  /**
   * [words]: levels of `bits` bits from 32-bit words, plus `offset`, which may wrap around within the bits. Along `columns` words hold neighbours of one row, along `rows` of one
   * column. `unitLevels` levels lie in `unitWords` words, lowest bits first; `order[i]` is the place of the unit's level i, where it is not i.
   * Padding at the end of a row or column is left out: the result's shape says how many levels there are.
   */
  | {
      readonly kind: 'unpacked'
      readonly bits: number
      readonly along: 'rows' | 'columns'
      readonly unitWords: number
      readonly unitLevels: number
      readonly order: readonly number[] | null
      readonly offset: number
      readonly wraps: boolean
    }
  /**
   * [levels, codebook, scales]: level i of a byte stream, looked up, times the scale of its block of `blockSize`, plus `offset`. Levels of
   * four bits stand two in a byte, the upper half first; blocks run on from row to row.
   */
  | { readonly kind: 'codebook'; readonly bits: 4 | 8; readonly blockSize: number; readonly offset: number }
  /** [levels, scales]: one scale for each `blockSize` numbers, which run on from row to row. */
  | { readonly kind: 'running-scaled'; readonly blockSize: number }
  /** [base, up, down]: base + scale * (up · down), the product summed in double precision. */
  | { readonly kind: 'low-rank-sum'; readonly scale: number }
  /** [tensor]: a tensor laid out anew, for formulas whose operands need it. */
  | { readonly kind: 'rearranged'; readonly chain: readonly Transform[] }
  /** [matrices]: one beside the other, the first on the left. */
  | { readonly kind: 'side-by-side' }
  /** []: cosines or sines of a rotary embedding, a row for each position. */
  | { readonly kind: 'rotary'; readonly table: RotaryRecipe }
