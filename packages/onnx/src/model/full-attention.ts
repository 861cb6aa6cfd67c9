// Attention over whole texts at once, without a cache: what encoders do.
// Causal attention with a cache is in `cached-attention.ts`.
import type { AttentionSpec } from '@fs/arch'
import type { Value } from '../graph/graph-builder.ts'
import { type AttentionContext, biasOf, rotateApart } from './attention-context.ts'
import { project, takeApart } from './attention-projections.ts'
import { byHead, dotProductAttention } from './dot-product-attention.ts'
import { linear } from './linear.ts'

/** @param value [batch, sequence, hiddenSize] */
export function fullAttention(context: AttentionContext, layer: number, attention: AttentionSpec, value: Value): Value {
  const { building, hiddenSize } = context
  const name = `layers.${layer}.attention`
  const { heads, keyValueHeads, headDimension } = attention
  const apart = takeApart(building, name, attention, project(building, name, attention, hiddenSize, value))
  const { query, key, keyValue } = rotateApart(context, name, attention, apart)
  const operands = {
    query: byHead(building, name, query, heads, headDimension),
    key: byHead(building, name, key, keyValueHeads, headDimension),
    keyValue: byHead(building, name, keyValue, keyValueHeads, headDimension),
  }
  const mixed = dotProductAttention(building, name, attention, operands, biasOf(context, attention))
  return linear(building, { name: `${name}.output`, outputs: hiddenSize, bias: attention.bias.output }, heads * headDimension, mixed)
}
