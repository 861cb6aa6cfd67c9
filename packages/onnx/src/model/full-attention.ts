// Attention over whole texts at once, without a cache: what encoders do, spelled out in standard operators.
// Causal attention with a cache is in `cached-attention.ts`.
import type { AttentionSpec } from '@fs/arch'
import { int, ints } from '../graph/attributes.ts'
import { ELEMENT_TYPES } from '../graph/element-types.ts'
import type { Value } from '../graph/graph-builder.ts'
import { alibiBias } from './alibi.ts'
import { project, takeApart } from './attention-projections.ts'
import type { Building } from './building.ts'
import type { Lengths } from './lengths.ts'
import { linear } from './linear.ts'
import { rotarySwitch, rotaryTables, rotate } from './rotary.ts'

export type FullAttentionContext = {
  readonly building: Building
  readonly hiddenSize: number
  readonly contextLength: number
  /** int64 [batch, sequence]: one for each token, zero for padding. */
  readonly mask: Value
  readonly lengths: Lengths
  /** Masks already in the graph, by what they allow. */
  readonly masks: Map<string, Value>
}

/** Added to the scores of pairs that do not see each other; finite, so that a row of padding does not become NaN. */
const FORBIDDEN = { float32: -3e38, float16: -60000 } as const

/** @param value [batch, sequence, hiddenSize] */
export function fullAttention(context: FullAttentionContext, layer: number, attention: AttentionSpec, value: Value): Value {
  const { building, hiddenSize } = context
  const { builder, options } = building
  const name = `layers.${layer}.attention`
  const { heads, keyValueHeads, headDimension } = attention
  const apart = takeApart(building, name, attention, project(building, name, attention, hiddenSize, value))
  const query = byHead(building, name, rotateIfNeeded(context, name, attention, heads, apart.query), heads, headDimension, [0, 2, 1, 3])
  // Keys already transposed: [batch, heads, headDimension, sequence].
  const key = byHead(
    building,
    name,
    rotateIfNeeded(context, name, attention, keyValueHeads, apart.key),
    keyValueHeads,
    headDimension,
    [0, 2, 3, 1],
  )
  const keyValue = byHead(building, name, apart.keyValue, keyValueHeads, headDimension, [0, 2, 1, 3])
  const constant = (number: number): Value => builder.constant(options.precision, [number], [])

  const products = builder.node(name, 'MatMul', [query, repeatHeads(building, name, attention, key)])
  let scores = builder.node(name, 'Mul', [products, constant(attention.scale)])
  if (attention.softCap !== null) {
    const small = builder.node(name, 'Tanh', [builder.node(name, 'Div', [scores, constant(attention.softCap)])])
    scores = builder.node(name, 'Mul', [small, constant(attention.softCap)])
  }
  if (attention.position.kind === 'alibi') {
    scores = builder.node(name, 'Add', [scores, alibiBias(building, heads, attention.position.maximumBias, context.lengths)])
  }
  scores = builder.node(name, 'Add', [scores, visibility(context, attention)])
  const shares = builder.node(name, 'Softmax', [scores], { axis: int(-1) })
  const mixed = builder.node(name, 'MatMul', [shares, repeatHeads(building, name, attention, keyValue)])
  const joined = builder.reshape(name, builder.node(name, 'Transpose', [mixed], { perm: ints([0, 2, 1, 3]) }), [
    0,
    0,
    heads * headDimension,
  ])
  return linear(building, { name: `${name}.output`, outputs: hiddenSize, bias: attention.bias.output }, heads * headDimension, joined)
}

function byHead(building: Building, name: string, value: Value, heads: number, headDimension: number, order: readonly number[]): Value {
  const { builder } = building
  return builder.node(name, 'Transpose', [builder.reshape(name, value, [0, 0, heads, headDimension])], { perm: ints(order) })
}

/** Each key head once for every query head that uses it. */
function repeatHeads(building: Building, name: string, attention: AttentionSpec, value: Value): Value {
  const { heads, keyValueHeads } = attention
  if (heads === keyValueHeads) return value
  const used = Array.from({ length: heads }, (_, head) => Math.floor((head * keyValueHeads) / heads))
  return building.builder.node(name, 'Gather', [value, building.builder.constant('int64', used)], { axis: int(1) })
}

function rotateIfNeeded(context: FullAttentionContext, name: string, attention: AttentionSpec, heads: number, value: Value): Value {
  const { building, contextLength, lengths } = context
  const rope = attention.position
  if (rope.kind !== 'rope') return value
  const original = rotarySwitch(rope, contextLength)
  const positions = original === null ? lengths.positions() : lengths.shiftedPositions(original)
  return rotate(building, name, rope, rotaryTables(building, rope, contextLength), heads, positions, value)
}

/** Zero where a position sees another, a huge negative number elsewhere; [batch, 1, sequence or 1, sequence]. */
function visibility(context: FullAttentionContext, attention: AttentionSpec): Value {
  const { building, masks } = context
  const { builder, options } = building
  const key = `${attention.causal}/${attention.window}`
  const known = masks.get(key)
  if (known !== undefined) return known
  const scope = `visible.${attention.causal ? 'causal' : 'all'}${attention.window === null ? '' : `.${attention.window}`}`
  const tokens = builder.node(scope, 'Cast', [context.mask], { to: int(ELEMENT_TYPES.bool.id) })
  let seen = builder.node(scope, 'Unsqueeze', [tokens, builder.constant('int64', [1, 2])])
  if (attention.causal || attention.window !== null) {
    const positions = context.lengths.positions()
    const rows = builder.node(scope, 'Unsqueeze', [positions, builder.constant('int64', [1, 3])])
    const columns = builder.node(scope, 'Unsqueeze', [positions, builder.constant('int64', [1, 2])])
    const distance = builder.node(scope, 'Sub', [rows, columns])
    if (attention.causal) {
      const behind = builder.node(scope, 'GreaterOrEqual', [distance, builder.constant('int64', [0], [])])
      seen = builder.node(scope, 'And', [seen, behind])
    }
    if (attention.window !== null) {
      const near = builder.node(scope, 'Less', [builder.node(scope, 'Abs', [distance]), builder.constant('int64', [attention.window], [])])
      seen = builder.node(scope, 'And', [seen, near])
    }
  }
  const [allowed, forbidden] = [0, FORBIDDEN[options.precision]].map((number) => builder.constant(options.precision, [number], []))
  const mask = builder.node(scope, 'Where', [seen, allowed!, forbidden!])
  masks.set(key, mask)
  return mask
}
