// Tensors as a file stores them: names, types, shapes and where their bytes lie, without loading any of it.
// What a tensor means in a model is the business of `@fs/arch`.
import type { ByteSource } from './byte-source.ts'
import type { Dtype } from './dtypes.ts'
import type { GgmlType } from './ggml-types.ts'

/** How a tensor's numbers are encoded: a plain dtype, or a ggml block type. `F32` means the same in both. */
export type TensorType = Dtype | GgmlType

/** One contiguous or strided tensor inside a `TensorSource`. */
export type TensorInfo = {
  readonly name: string
  readonly type: TensorType
  /** Outermost dimension first, as PyTorch and safetensors write it: a matrix of a linear layer is [out, in]. GGUF's order is reversed on reading. */
  readonly shape: readonly number[]
  /** Which of the source's `files` holds the bytes. */
  readonly file: number
  /** Byte offset of the first element in that file. */
  readonly offset: number
  /** Bytes from the first to the last element, both included; for contiguous tensors exactly the tensor's size. */
  readonly byteLength: number
  /** Strides in elements, only where the tensor is a non-contiguous view (PyTorch files). Absent means row-major contiguous. */
  readonly strides?: readonly number[]
  /** Present and true when the numbers are stored most significant byte first (big-endian GGUF). */
  readonly bigEndian?: true
}

/** Named tensors over one or several files. */
export type TensorSource = {
  readonly files: readonly ByteSource[]
  /** In the order of the files, then of the bytes within each; of PyTorch files in the order they were saved, which is the module's. */
  readonly tensors: ReadonlyMap<string, TensorInfo>
  close(): Promise<void>
}

/** Number of elements, in exact arithmetic as long as the shape came through a checked reader. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1)
}
