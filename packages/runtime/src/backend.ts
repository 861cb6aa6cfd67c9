// What differs between the builds of ONNX Runtime: how a session is made, and who owns the key-value cache.
// The builds themselves are chosen at the edge: `@fs/runtime/node`, `@fs/runtime/web`.
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common'

export type { InferenceSession, Tensor } from 'onnxruntime-common'

/** An initializer's bytes under the name the graph calls them by. */
export type WeightData = { readonly path: string; readonly data: Uint8Array }

export type Backend = {
  readonly name: string
  /**
   * Where a session computes. `in-place`: in our memory, so past and present can be the same buffer. `copied`: in memory of its own, to which
   * inputs are copied, and outputs back (WebAssembly). `device`: on a device that keeps outputs (WebGPU); what it returns is fed in again.
   */
  readonly cache: 'in-place' | 'copied' | 'device'
  /** What it has no operator for, so that the graph spells it out. */
  readonly lacks: readonly ('grouped-query-attention' | 'attention-soft-cap')[]
  readonly Tensor: TensorConstructor
  /** How so many bytes of weights are put where the engine maps them; null where they are handed over in memory. */
  readonly stage: (bytes: number) => Promise<StageModel | null>
  /**
   * @param model a model's bytes, or where they are: a path in Node, an address in a browser
   * @param weights its external data; a model opened by path in Node finds its own beside it
   */
  readonly createSession: (model: Uint8Array | string, weights: readonly WeightData[]) => Promise<InferenceSession>
}

/** External data at its place: a file beside the model, and an offset into it. */
export type PlacedData = { readonly location: string; readonly offset: number; readonly data: Uint8Array }

/**
 * Writes a model and its external data, one piece at a time.
 * @returns the model's path, and how to remove it all once a session has it
 */
export type StageModel = (
  model: Uint8Array,
  data: AsyncIterable<PlacedData>,
) => Promise<{ readonly path: string; readonly remove: () => Promise<void> }>

/** Values by name, as sessions take and give them. */
export type Values = { readonly [name: string]: Tensor }
export type Wanted = { readonly [name: string]: Tensor | null }
