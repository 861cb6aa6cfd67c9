// Which positions see which, as numbers to add to attention scores: padding, causality, windows.
// GroupQueryAttention works this out inside; attention in standard operators needs it spelled out.
import type { AttentionSpec } from '@fs/arch'
import { int } from '../graph/attributes.ts'
import { ELEMENT_TYPES } from '../graph/element-types.ts'
import type { Value } from '../graph/graph-builder.ts'
import type { Building } from './building.ts'
import type { Lengths } from './lengths.ts'

/** Added to the scores of pairs that do not see each other; finite, so that a row of padding does not become NaN. */
const FORBIDDEN = { float32: -3e38, float16: -60000 } as const

/**
 * A function that gives each kind of attention its mask, zero where a position sees another and a huge negative number elsewhere:
 * [batch, 1, sequence or 1, total]. Layers of the same kind share one.
 * @param mask int64 [batch, total]: one for each token
 */
export function visibilityOf(building: Building, mask: Value, lengths: Lengths): (attention: AttentionSpec) => Value {
  const masks = new Map<string, Value>()
  return (attention) => {
    const key = `${attention.causal}/${attention.window}`
    const known = masks.get(key)
    if (known !== undefined) return known
    const built = visibility(building, mask, lengths, attention)
    masks.set(key, built)
    return built
  }
}

function visibility(building: Building, mask: Value, lengths: Lengths, attention: AttentionSpec): Value {
  const { builder, options } = building
  const { causal, window } = attention
  const scope = `visible.${causal ? 'causal' : 'all'}${window === null ? '' : `.${window}`}`
  const tokens = builder.node(scope, 'Cast', [mask], { to: int(ELEMENT_TYPES.bool.id) })
  let seen = builder.node(scope, 'Unsqueeze', [tokens, builder.constant('int64', [1, 2])])
  if (causal || window !== null) {
    const rows = builder.node(scope, 'Unsqueeze', [lengths.positions(), builder.constant('int64', [1, 3])])
    const columns = builder.node(scope, 'Unsqueeze', [lengths.allPositions(), builder.constant('int64', [1, 2])])
    const distance = builder.node(scope, 'Sub', [rows, columns])
    if (causal) {
      const behind = builder.node(scope, 'GreaterOrEqual', [distance, builder.constant('int64', [0], [])])
      seen = builder.node(scope, 'And', [seen, behind])
    }
    if (window !== null) {
      const near = builder.node(scope, 'Less', [builder.node(scope, 'Abs', [distance]), builder.constant('int64', [window], [])])
      seen = builder.node(scope, 'And', [seen, near])
    }
  }
  const [allowed, forbidden] = [0, FORBIDDEN[options.precision]].map((number) => builder.constant(options.precision, [number], []))
  return builder.node(scope, 'Where', [seen, allowed!, forbidden!])
}
