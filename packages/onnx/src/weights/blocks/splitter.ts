// What it takes to carry a ggml block type into MatMulNBits without loss: weight = scale * (integer - zero point) + addend.
// The types themselves are beside this file; the loop over rows is in `block-arrays.ts`.
import { halfToFloat } from '@fs/quant/floats'
import type { BlockFormat } from '../graph-tensor.ts'

/** A blocked weight in pieces. */
export type BlockArrays = {
  /** Weights in order, two to a byte (the earlier in the low nibble) or one. */
  readonly integers: Uint8Array
  /** One for each block, [rows, blocks]. */
  readonly scales: Float32Array
  /** The same shape; empty where the format has no minimums. */
  readonly addends: Float32Array
}

export type Splitter = {
  readonly format: BlockFormat
  /**
   * Takes apart the ggml block at byte `at` of `source`.
   * @param byte where its integers start in `arrays.integers`
   * @param group where its scales start in `arrays.scales`, and its addends in `arrays.addends`
   */
  readonly split: (source: Uint8Array, at: number, arrays: BlockArrays, byte: number, group: number) => void
}

/** MatMulNBits subtracts this from every stored integer when it is given no zero points. */
export const ZERO_POINTS = { 4: 8, 8: 128 } as const

export function half(source: Uint8Array, at: number): number {
  return halfToFloat(source[at]! | (source[at + 1]! << 8))
}
