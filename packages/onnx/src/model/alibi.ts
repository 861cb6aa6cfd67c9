// Attention with linear biases (Press et al. 2021, arXiv 2108.12409): no position embedding, distant keys count less.
// The slopes follow MPT and llama.cpp, also where the number of heads is no power of two.
import { int } from '../graph/attributes.ts'
import { ELEMENT_TYPES } from '../graph/element-types.ts'
import type { Value } from '../graph/graph-builder.ts'
import type { Building } from './building.ts'
import type { Lengths } from './lengths.ts'

/** Slope of each head: 2^(-maximumBias * i / n) for i = 1…n with n the power of two below; heads beyond n take the odd steps of 2n. */
function alibiSlopes(heads: number, maximumBias: number): readonly number[] {
  const power = 2 ** Math.floor(Math.log2(heads))
  return Array.from({ length: heads }, (_, head) =>
    head < power ? 2 ** ((-maximumBias * (head + 1)) / power) : 2 ** ((-maximumBias * (2 * (head - power) + 1)) / (2 * power)),
  )
}

/** slope * (key position - query position), [batch, heads, sequence, total]: zero for a token itself, negative before it. */
export function alibiBias(building: Building, heads: number, maximumBias: number, lengths: Lengths): Value {
  const { builder, options } = building
  const scope = `alibi.${heads}`
  const float = { to: int(ELEMENT_TYPES[options.precision].id) }
  const longest = builder.node(scope, 'Cast', [lengths.longest], { to: int(ELEMENT_TYPES.int64.id) })
  const keys = builder.node(scope, 'Range', [builder.constant('int64', [0], []), longest, builder.constant('int64', [1], [])])
  const queries = builder.node(scope, 'Unsqueeze', [lengths.positions(), builder.constant('int64', [1, 3])])
  const distance = builder.node(scope, 'Cast', [builder.node(scope, 'Sub', [keys, queries])], float)
  const slopes = builder.constant(options.precision, alibiSlopes(heads, maximumBias), [1, heads, 1, 1])
  return builder.node(scope, 'Mul', [distance, slopes])
}
