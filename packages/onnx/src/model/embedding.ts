// From token ids to the first hidden state: token, position and type embeddings, their scale and norm.
// A tied head reads the same initializers: see `head.ts`.
import type { EmbeddingSpec } from '@fs/arch'
import { int } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import { wholeTensor } from '../weights/graph-tensor.ts'
import type { Building } from './building.ts'
import { blockedIntegerRows, blockedMinimums, blockedScales } from './linear.ts'
import { normNode } from './norm.ts'

export const TOKEN_EMBEDDING = 'embedding.tokens'

type Size = { readonly vocabularySize: number; readonly hiddenSize: number }

export type EmbeddingInputs = {
  /** int64 [batch, sequence] */
  readonly tokens: Value
  /** int64 [batch, sequence]; asked for only where positions are learned. */
  readonly positions: () => Value
  /** int64 [batch, sequence]; asked for only where there are token types. */
  readonly types: () => Value
}

/** @returns [batch, sequence, hiddenSize] */
export function embed(building: Building, spec: EmbeddingSpec, size: Size, inputs: EmbeddingInputs): Value {
  const { builder, options } = building
  const { hiddenSize } = size
  const table = (name: string, rows: number): Value =>
    builder.initializer({
      name: `${name}.weight`,
      type: options.precision,
      shape: [rows, hiddenSize],
      recipe: { kind: 'rows', parts: [wholeTensor(`${name}.weight`, rows)], add: 0 },
    })
  let value = tokenRows(building, size, inputs.tokens)
  if (spec.scale !== null) value = builder.node('embedding', 'Mul', [value, builder.constant(options.precision, [spec.scale], [])])
  if (spec.positions !== null) {
    const rows = builder.node('embedding.positions', 'Gather', [table('embedding.positions', spec.positions), inputs.positions()])
    value = builder.node('embedding.positions', 'Add', [value, rows])
  }
  if (spec.tokenTypes !== null) {
    const rows = builder.node('embedding.types', 'Gather', [table('embedding.types', spec.tokenTypes), inputs.types()])
    value = builder.node('embedding.types', 'Add', [value, rows])
  }
  return spec.norm === null ? value : normNode(building, 'embedding.norm', spec.norm, hiddenSize, value)
}

function tokenRows(building: Building, size: Size, tokens: Value): Value {
  const { builder, options } = building
  const { vocabularySize, hiddenSize } = size
  const name = `${TOKEN_EMBEDDING}.weight`
  const format = options.formatOf(name)
  if (format.kind === 'float') return builder.node(TOKEN_EMBEDDING, 'Gather', [tokenTable(building, size), tokens])
  const parts = [wholeTensor(name, vocabularySize)]
  const shape = { inputs: hiddenSize, outputs: vocabularySize }
  const integers = blockedIntegerRows(building, TOKEN_EMBEDDING, parts, format, shape)
  const scales = blockedScales(building, TOKEN_EMBEDDING, parts, format, shape)
  const rows = builder.node(TOKEN_EMBEDDING, 'GatherBlockQuantized', [integers, tokens, scales], {
    bits: int(format.bits),
    block_size: int(format.blockSize),
    gather_axis: int(0),
    quantize_axis: int(1),
  })
  if (!format.minimums) return rows
  const blocks = hiddenSize / format.blockSize
  const minimums = builder.node(TOKEN_EMBEDDING, 'Gather', [blockedMinimums(building, TOKEN_EMBEDDING, parts, format, shape), tokens], {
    axis: int(1),
  })
  // [blocks, batch, sequence] to [batch, sequence, blocks, 1], added to each number of its block.
  const perBlock = builder.node(TOKEN_EMBEDDING, 'Unsqueeze', [transposeToBack(building, minimums), builder.constant('int64', [3])])
  const inBlocks = builder.reshape(TOKEN_EMBEDDING, rows, [0, 0, blocks, format.blockSize])
  return builder.reshape(TOKEN_EMBEDDING, builder.node(TOKEN_EMBEDDING, 'Add', [inBlocks, perBlock]), [0, 0, hiddenSize])
}

function transposeToBack(building: Building, value: Value): Value {
  return building.builder.node(TOKEN_EMBEDDING, 'Transpose', [value], { perm: { kind: 'ints', value: [1, 2, 0] } })
}

/** The token embedding as floats, [vocabularySize, hiddenSize]. */
export function tokenTable(building: Building, { vocabularySize, hiddenSize }: Size): Value {
  const name = `${TOKEN_EMBEDDING}.weight`
  return building.builder.initializer({
    name,
    type: building.options.precision,
    shape: [vocabularySize, hiddenSize],
    recipe: { kind: 'rows', parts: [wholeTensor(name, vocabularySize)], add: 0 },
  })
}
