// What every part of a model's graph needs at hand: the builder and the caller's choices. It holds no operators itself.
import type { FloatType } from '../graph/element-types.ts'
import type { GraphBuilder } from '../graph/graph-builder.ts'
import type { LinearFormat } from '../weights/graph-tensor.ts'
import type { Taps } from './tap.ts'

/** Choices that hold for a whole graph. */
export type GraphOptions = {
  /** Type of activations, caches and float weights. */
  readonly precision: FloatType
  /** Whether multiplications with blocked weights may round activations to 8 bits, as llama.cpp does. */
  readonly arithmetic: 'exact' | 'fast'
  /**
   * `fused`: cached attention is one GroupQueryAttention node for each layer. `explicit`: standard operators, for execution providers whose
   * own lacks something (WebGPU's leaves out soft caps, 1.30); sequences that run together then have equal lengths.
   */
  readonly attention: 'fused' | 'explicit'
  /**
   * `whole` (as where it is left out): outputs `present.N.*` hold past and new tokens together. `appended`: outputs `appended.N.*` hold the
   * new ones only, [batch, sequence, heads * dimension], for callers that keep the cache themselves.
   */
  readonly cache?: 'whole' | 'appended'
  /** The form in which a canonical weight (`layers.0.attention.query.weight`, …) enters the graph. */
  readonly formatOf: (name: string) => LinearFormat
  /** What the graph hands out of its inside; nothing where it is left out. See `tap.ts`. */
  readonly taps?: Taps
}

export type Building = { readonly builder: GraphBuilder; readonly options: GraphOptions }
