// What every part of a decoder's graph is given while one signature is built.
import type { DecoderSpec } from '@fs/arch'
import type { ConstantPool } from './constant-pool.ts'
import type { NormDecompositions } from './norm.ts'
import type { SubgraphBuilder } from './subgraph-builder.ts'
import type { TfliteOptions } from './tflite-plan.ts'

export type Building = {
  readonly spec: DecoderSpec
  readonly options: TfliteOptions
  readonly builder: SubgraphBuilder
  readonly constants: ConstantPool
  readonly norms: NormDecompositions
  /** Tokens this signature takes at once. */
  readonly length: number
}
