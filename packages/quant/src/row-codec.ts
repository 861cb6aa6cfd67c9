// What a conversion needs from an encoder: put source bytes into its memory, get encoded bytes out of it.
// The plain implementation is `plain-row-codec.ts`; the WebAssembly one implements the same type.
import type { GgmlType, TensorType } from '@fs/core'

/** Rows of one tensor as the codec finds them in its input. */
export type DecodeJob = {
  readonly from: TensorType
  readonly rows: number
  readonly rowLength: number
  /** The source numbers are stored most significant byte first. */
  readonly bigEndian?: true
  /** Where the rows come from, for error messages: the tensor's name and the number of its first row here. */
  readonly origin?: { readonly tensor: string; readonly firstRow: number }
}

export type EncodeJob = DecodeJob & {
  readonly to: GgmlType
  /** One weight per column, `rowLength` of them. Experts stacked in one tensor have weights each: give their rows in jobs of their own. */
  readonly importance?: Float32Array
}

/**
 * Encodes and decodes bands of rows. One codec belongs to one thread. The bytes it gives do not depend on how a tensor is cut
 * into bands of whole rows.
 */
export type RowCodec = {
  /**
   * A view of `byteLength` bytes of the codec's own memory, for the caller to read source bytes into. It and its contents are
   * valid until the next call of `encode` or `decode` has returned.
   */
  input(byteLength: number): Uint8Array
  /**
   * Encodes what lies in the input. When `from` equals `to`, the bytes pass through untouched, but for their order.
   * @returns A view of the encoded bytes, valid until the next call of any method.
   * @throws FsError with the codes of `BlockType.quantize`; the index in `details` counts from the start of the tensor when `origin` is given.
   */
  encode(job: EncodeJob): Uint8Array
  /** Decodes what lies in the input. @returns A view of `rows * rowLength` numbers, valid until the next call of any method. */
  decode(job: DecodeJob): Float32Array
  /** Frees the memory; every later call throws FsError `quant/disposed`. */
  dispose(): void
}
