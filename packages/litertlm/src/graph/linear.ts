// Linear layers and the token embedding: a canonical matrix and what is done with it.
import { QUANTIZATIONS } from '../quantization/quantization.ts'
import type { Building } from './building.ts'
import type { Value } from './subgraph-builder.ts'
import { matrix, vector } from './weights.ts'

/** Kernel versions that know such weights (LiteRT op_version.cc); what is made float32 before it is multiplied counts as float32. */
const VERSIONS = {
  float32: { fullyConnected: 6, embeddingLookup: 1 },
  int8: { fullyConnected: 12, embeddingLookup: 4 },
  int4: { fullyConnected: 6, embeddingLookup: 4 },
} as const

function versions(building: Building): (typeof VERSIONS)[keyof typeof VERSIONS] {
  const { stored, computed } = QUANTIZATIONS[building.options.quantization].matrices
  return VERSIONS[computed === 'float32' ? 'float32' : stored]
}

/**
 * value [.., inputs] times the transposed matrix [outputs, inputs], plus a bias.
 * @param name canonical name without `.weight`
 */
export function linear(building: Building, name: string, value: Value, outputs: number, bias: boolean): Value {
  return multiply(building, name, `${name}.weight`, value, outputs, bias)
}

/** The same with a matrix that has a name of its own, as tied embeddings have. */
export function multiply(building: Building, name: string, weight: string, value: Value, outputs: number, bias: boolean): Value {
  const operands = [value, matrix(building, weight, outputs, value.shape.at(-1)!), bias ? vector(building, `${name}.bias`, outputs) : null]
  const operation = { kind: 'fullyConnected', version: versions(building).fullyConnected } as const
  return building.builder.operator(name, operation, operands, [...value.shape.slice(0, -1), outputs])
}

/** Rows of the token embedding. @param tokens [1, length] @returns [1, length, hidden] */
export function embed(building: Building, tokens: Value): Value {
  const { builder, spec, length } = building
  const table = matrix(building, 'embedding.tokens.weight', spec.vocabularySize, spec.hiddenSize)
  const flat = builder.reshape('embedding', tokens, [length])
  const operation = { kind: 'embeddingLookup', version: versions(building).embeddingLookup } as const
  const rows = builder.operator('embedding', operation, [flat, table], [length, spec.hiddenSize])
  const embedded = builder.reshape('embedding', rows, [1, length, spec.hiddenSize])
  const { scale } = spec.embedding
  return scale === null ? embedded : builder.arithmetic('embedding', 'mul', embedded, builder.scalar(scale))
}
