// Weights as a graph receives them: by canonical name, in canonical layout, still encoded as their file has them.
// Where they come from (a checkpoint, a GGUF, memory) is the caller's business.
import type { TensorType } from '@fs/core'

/** Some rows of a weight: vectors along its last dimension, all leading dimensions flattened. A vector has one number in each row. */
export type StoredRows = {
  readonly type: TensorType
  /** Little-endian, contiguous; blocks lie along the rows. Read-only. */
  readonly bytes: Uint8Array
}

/** Gives the weights of one model, some rows at a time. */
export type WeightReader = {
  /** How a weight is encoded, without reading it. @throws FsError when there is no such weight. */
  typeOf(name: string): TensorType
  /** Exactly `rows` rows from `firstRow` on. @throws FsError when there is no such weight, or it cannot be read. */
  read(name: string, firstRow: number, rows: number): Promise<StoredRows>
}
