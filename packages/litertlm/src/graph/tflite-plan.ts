// What a TFLite file will be, as plain data: its flatbuffer, and what the bytes behind it are made of.
// Building the graph is in `plan-tflite.ts`; reading weights and filling the bytes in `write-tflite.ts`.
import type { TensorType } from '@fs/core'
import type { QuantizationName } from '../quantization/quantization.ts'

/** Reads the canonical tensors of a model (`modelWeights` of `@fs/convert`), some rows at a time; of a vector, elements. */
export type WeightReader = {
  /** Rows `firstRow` to `firstRow + rows`, little-endian, contiguous. @throws FsError when there is no such weight, or it cannot be read */
  read(name: string, firstRow: number, rows: number): Promise<{ readonly type: TensorType; readonly bytes: Uint8Array }>
}

export type TfliteOptions = {
  readonly quantization: QuantizationName
  /** Positions of the key-value cache: the T of every mask. What the bundle's metadata calls the maximum number of tokens. */
  readonly cacheLength: number
  /** One signature `prefill_N` each. Those longer than the cache are refused; see `defaultPrefillLengths`. */
  readonly prefillLengths: readonly number[]
  /** `outside`: behind the flatbuffer, of any size. `inline`: inside, for older runtimes, the whole file below 2 GiB. */
  readonly weights: 'outside' | 'inline'
}

/** A constant that several signatures share, and where its bytes go. */
export type WeightBuffer = {
  /** Canonical tensor it is made of. */
  readonly tensor: string
  /** Rows, and numbers in each; a vector is one row. */
  readonly rows: number
  readonly rowLength: number
  /** What is added to each number first: Gemma stores its norms minus one. */
  readonly add: 0 | 1
  readonly encoding: WeightEncoding
  /** From the start of the TFLite file. */
  readonly offset: number
  readonly byteLength: number
}

export type WeightEncoding =
  | { readonly kind: 'float32' }
  | { readonly kind: 'float16' }
  /** A scale for each row, in float32 at this offset, which lies within the flatbuffer. */
  | { readonly kind: 'int8'; readonly scalesOffset: number }
  /** A scale for each block, in float16 at this offset. */
  | { readonly kind: 'int4-blocks'; readonly blockSize: 32 | 128; readonly scalesOffset: number }

/** A TFLite file before its weights are read. */
export type TflitePlan = {
  /** Inline weights have their length, four bytes, in front of them. */
  readonly weights: 'outside' | 'inline'
  /** Size of the file. Bytes that neither the flatbuffer nor a buffer covers are zero. */
  readonly byteLength: number
  /** The first bytes of the file, with the scales of quantized weights still zero. */
  readonly flatbuffer: Uint8Array
  /** In order of offset; none overlaps another, and each tensor comes once. */
  readonly buffers: readonly WeightBuffer[]
}
