// A TFLite model as plain data, before it is written: tensors, operators, signatures and what its buffers hold.
// How it lies in a file is in `serialize.ts`; what a file says is in `read.ts`.
import type { TensorType } from './schema.ts'

/** Tensors of one subgraph are named by their index. */
export type TensorIndex = number

/** An operator's name and options; those without options stand last. */
export type Operation =
  | { readonly kind: 'fullyConnected' | 'embeddingLookup' | 'dequantize'; readonly version: number }
  | { readonly kind: 'concatenation'; readonly axis: number }
  | { readonly kind: 'cast'; readonly from: TensorType; readonly to: TensorType }
  | { readonly kind: 'batchMatmul'; readonly transposeRight: boolean }
  | { readonly kind: 'gelu'; readonly approximate: boolean }
  | { readonly kind: 'composite'; readonly name: string; readonly subgraph: number; readonly attributes: { readonly epsilon: number } }
  | { readonly kind: 'add' | 'mul' | 'sub' | 'reshape' | 'softmax' | 'transpose' | 'mean' | 'less' | 'slice' | 'selectV2' }
  | { readonly kind: 'sin' | 'cos' | 'rsqrt' | 'logistic' | 'relu' | 'dynamicUpdateSlice' }

export type Operator = {
  readonly operation: Operation
  /** -1: an optional input left out. */
  readonly inputs: readonly TensorIndex[]
  readonly outputs: readonly TensorIndex[]
}

export type TensorQuantization =
  /** A scale for each row; tensors that name the same set share it. Zero points are 0. */
  | { readonly kind: 'rows'; readonly scaleSet: number }
  /** A scale for each block along the rows, in a float16 tensor of the same subgraph. */
  | { readonly kind: 'blocks'; readonly scales: TensorIndex; readonly blockSize: number }

export type Tensor = {
  readonly name: string
  readonly type: TensorType
  readonly shape: readonly number[]
  /** 0: computed at run time. */
  readonly buffer: number
  readonly quantization: TensorQuantization | null
}

export type Subgraph = {
  readonly name: string
  readonly tensors: readonly Tensor[]
  readonly inputs: readonly TensorIndex[]
  readonly outputs: readonly TensorIndex[]
  readonly operators: readonly Operator[]
}

export type Signature = {
  readonly key: string
  readonly subgraph: number
  readonly inputs: readonly { readonly name: string; readonly tensor: TensorIndex }[]
  readonly outputs: readonly { readonly name: string; readonly tensor: TensorIndex }[]
}

export type Buffer =
  /** What computed tensors name; the schema wants one as the first. */
  | { readonly kind: 'empty' }
  /** A small constant, inside the flatbuffer. */
  | { readonly kind: 'constant'; readonly bytes: Uint8Array }
  /** A weight, whose bytes come later. */
  | { readonly kind: 'weight'; readonly byteLength: number }

export type TfliteModel = {
  readonly description: string
  readonly subgraphs: readonly Subgraph[]
  readonly signatures: readonly Signature[]
  readonly buffers: readonly Buffer[]
  /** Number of scales in each set; their values come later. */
  readonly scaleSets: readonly number[]
}
