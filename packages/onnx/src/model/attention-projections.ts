// From a layer's input to queries, keys and values: projections, clipping, norms. Positions and attention itself come after.
import type { AttentionSpec } from '@fs/arch'
import type { Value } from '../graph/graph-builder.ts'
import type { Building } from './building.ts'
import { linearTogether } from './linear.ts'
import { normNode } from './norm.ts'

/** Queries, keys and values, [batch, sequence, heads * headDimension] each: side by side in one value, or apart. */
export type Projections =
  | { readonly kind: 'joined'; readonly value: Value }
  | { readonly kind: 'separate'; readonly query: Value; readonly key: Value; readonly keyValue: Value }

/** @param name canonical prefix, `layers.0.attention` */
export function project(building: Building, name: string, attention: AttentionSpec, hiddenSize: number, value: Value): Projections {
  const queryRows = attention.heads * attention.headDimension
  const keyRows = attention.keyValueHeads * attention.headDimension
  const result = linearTogether(
    building,
    name,
    [
      { name: `${name}.query`, outputs: queryRows, bias: attention.bias.query },
      { name: `${name}.key`, outputs: keyRows, bias: attention.bias.key },
      { name: `${name}.value`, outputs: keyRows, bias: attention.bias.value },
    ],
    hiddenSize,
    value,
  )
  const projections: Projections =
    result.kind === 'joined'
      ? { kind: 'joined', value: clamp(building, name, attention.clamp, result.value) }
      : separate(result.values.map((projection) => clamp(building, name, attention.clamp, projection)))
  if (attention.queryKeyNorm === null) return projections
  const apart = takeApart(building, name, attention, projections)
  return {
    ...apart,
    query: queryKeyNorm(building, `${name}.query_norm`, attention, attention.heads, apart.query),
    key: queryKeyNorm(building, `${name}.key_norm`, attention, attention.keyValueHeads, apart.key),
  }
}

/** The three values apart, cut out of the joined one where necessary. */
export function takeApart(
  building: Building,
  name: string,
  attention: AttentionSpec,
  projections: Projections,
): Extract<Projections, { kind: 'separate' }> {
  if (projections.kind === 'separate') return projections
  const queryRows = attention.heads * attention.headDimension
  const keyRows = attention.keyValueHeads * attention.headDimension
  return separate(building.builder.split(name, projections.value, [queryRows, keyRows, keyRows]))
}

function separate(values: readonly Value[]): Extract<Projections, { kind: 'separate' }> {
  return { kind: 'separate', query: values[0]!, key: values[1]!, keyValue: values[2]! }
}

function clamp(building: Building, name: string, limit: number | null, value: Value): Value {
  if (limit === null) return value
  const { builder, options } = building
  return builder.node(name, 'Clip', [
    value,
    builder.constant(options.precision, [-limit], []),
    builder.constant(options.precision, [limit], []),
  ])
}

function queryKeyNorm(building: Building, name: string, attention: AttentionSpec, heads: number, value: Value): Value {
  const spec = attention.queryKeyNorm
  if (spec === null) return value
  const { headDimension } = attention
  if (spec.over === 'all-heads') return normNode(building, name, spec.norm, heads * headDimension, value)
  const { builder } = building
  const byHead = builder.reshape(name, value, [0, 0, heads, headDimension])
  return builder.reshape(name, normNode(building, name, spec.norm, headDimension, byHead), [0, 0, heads * headDimension])
}
