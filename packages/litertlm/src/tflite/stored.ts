// What a TFLite file says of itself, read back: signatures, subgraphs and where its weights are. Weights themselves are not read.
// The model a writer starts from is in `model.ts`.

/** How numbers are to be multiplied to mean weights; null where they mean themselves. */
export type StoredQuantization =
  /** One scale for all, or one for each entry of a dimension. */
  | { readonly kind: 'affine'; readonly scales: number; readonly dimension: number }
  /** One scale for each block along the rows, in another tensor of the subgraph. */
  | { readonly kind: 'blocks'; readonly scales: number; readonly blockSize: number }
  /** A kind no decoder of ours uses. */
  | { readonly kind: 'other' }

export type StoredTensor = {
  readonly name: string
  /** A name of the schema, or `type 16` for one that no decoder of ours uses. */
  readonly type: string
  readonly shape: readonly number[]
  readonly buffer: number
  readonly quantization: StoredQuantization | null
}

export type StoredOperator = {
  /** Number in the schema's `BuiltinOperator`. */
  readonly code: number
  readonly version: number
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  /** Name and decomposition of a composite. */
  readonly composite: { readonly name: string; readonly subgraph: number } | null
}

export type StoredSubgraph = {
  readonly name: string
  readonly tensors: readonly StoredTensor[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly operators: readonly StoredOperator[]
}

export type StoredSignature = {
  readonly key: string
  readonly subgraph: number
  readonly inputs: ReadonlyMap<string, StoredTensor>
  readonly outputs: ReadonlyMap<string, StoredTensor>
}

/** Where a constant lies, from the start of the file. */
export type StoredBuffer =
  | { readonly kind: 'empty' }
  | { readonly kind: 'inline'; readonly offset: number; readonly byteLength: number }
  | { readonly kind: 'outside'; readonly offset: number; readonly byteLength: number }

export type StoredTflite = {
  readonly description: string
  readonly subgraphs: readonly StoredSubgraph[]
  readonly signatures: readonly StoredSignature[]
  readonly buffers: readonly StoredBuffer[]
}
