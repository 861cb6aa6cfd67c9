// Attention spelled out in standard operators: products, soft cap, bias, softmax, weighted sum.
// Which positions see each other, and where keys and values come from, is the caller's business.
import type { AttentionSpec } from '@fs/arch'
import { int, ints } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import type { Building } from './building.ts'

/** Queries [batch, heads, sequence, headDimension]; keys and values [batch, keyValueHeads, total, headDimension]. */
export type AttentionOperands = { readonly query: Value; readonly key: Value; readonly keyValue: Value }

/**
 * @param biases added to the scores, broadcast to [batch, heads, sequence, total]
 * @returns [batch, sequence, heads * headDimension]
 */
export function dotProductAttention(
  building: Building,
  name: string,
  attention: AttentionSpec,
  operands: AttentionOperands,
  biases: readonly Value[],
): Value {
  const { builder, options } = building
  const { heads, headDimension, softCap } = attention
  const constant = (number: number): Value => builder.constant(options.precision, [number], [])
  const key = repeatHeads(building, name, attention, operands.key)
  const keyValue = repeatHeads(building, name, attention, operands.keyValue)
  const transposed = builder.node(name, 'Transpose', [key], { perm: ints([0, 1, 3, 2]) })
  const products = builder.node(name, 'MatMul', [operands.query, transposed])
  let scores = builder.node(name, 'Mul', [products, constant(attention.scale)])
  if (softCap !== null) {
    const small = builder.node(name, 'Tanh', [builder.node(name, 'Div', [scores, constant(softCap)])])
    scores = builder.node(name, 'Mul', [small, constant(softCap)])
  }
  for (const bias of biases) scores = builder.node(name, 'Add', [scores, bias])
  const shares = builder.node(name, 'Softmax', [scores], { axis: int(-1) })
  const mixed = builder.node(name, 'MatMul', [shares, keyValue])
  const rows = builder.node(name, 'Transpose', [mixed], { perm: ints([0, 2, 1, 3]) })
  return builder.reshape(name, rows, [0, 0, heads * headDimension])
}

/** [batch, sequence, heads * headDimension] as [batch, heads, sequence, headDimension]. */
export function byHead(building: Building, name: string, value: Value, heads: number, headDimension: number): Value {
  const { builder } = building
  return builder.node(name, 'Transpose', [builder.reshape(name, value, [0, 0, heads, headDimension])], { perm: ints([0, 2, 1, 3]) })
}

/** Each key head once for every query head that uses it. */
function repeatHeads(building: Building, name: string, attention: AttentionSpec, value: Value): Value {
  const { heads, keyValueHeads } = attention
  if (heads === keyValueHeads) return value
  const used = Array.from({ length: heads }, (_, head) => Math.floor((head * keyValueHeads) / heads))
  return building.builder.node(name, 'Gather', [value, building.builder.constant('int64', used)], { axis: int(1) })
}
