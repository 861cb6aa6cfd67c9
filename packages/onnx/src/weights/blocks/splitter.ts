// What it takes to carry a ggml block type into MatMulNBits without loss: weight = scale * (integer - zero point) + addend.
// The types themselves are beside this file; the packing is in `block-arrays.ts`.
import { halfToFloat } from '@fs/quant/floats'
import type { BlockFormat } from '../graph-tensor.ts'

/** Where a splitter puts one ggml block: integers one to a byte, scales and addends one for each group of `format.blockSize` weights. */
export type SplitBlock = { readonly integers: Uint8Array; readonly scales: Float32Array; readonly addends: Float32Array }

export type Splitter = {
  readonly format: BlockFormat
  /** Takes apart the ggml block at byte `at`; addends are left alone by types without minimums. */
  readonly split: (source: Uint8Array, at: number, block: SplitBlock) => void
}

/** MatMulNBits subtracts this from every stored integer when it is given no zero points. */
export const ZERO_POINTS = { 4: 8, 8: 128 } as const

export function half(source: Uint8Array, at: number): number {
  return halfToFloat(source[at]! | (source[at + 1]! << 8))
}
