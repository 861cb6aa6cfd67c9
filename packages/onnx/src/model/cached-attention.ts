// Causal attention over a key-value cache: one GroupQueryAttention node for each layer, or standard operators.
// Attention without a cache (encoders) is in `full-attention.ts`.
import type { AttentionSpec } from '@fs/arch'
import { onnxError } from '../errors.ts'
import { float, int } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import { type AttentionContext, biasOf, rotateApart } from './attention-context.ts'
import { type Projections, project, takeApart } from './attention-projections.ts'
import type { Building } from './building.ts'
import { byHead, dotProductAttention } from './dot-product-attention.ts'
import { linear } from './linear.ts'
import { rotarySwitch, rotaryTables } from './rotary.ts'

/** The operator wants head dimensions in multiples of this; others are padded with zeros, which change no product. */
const HEAD_MULTIPLE = 8
/** For its built-in rotation it wants heads and rotated dimensions in multiples of this. */
const ROTARY_MULTIPLE = 16

/** Head dimension of the cache: the model's, or the next multiple the operator can take. */
export function cacheHeadDimension(attention: AttentionSpec): number {
  return Math.ceil(attention.headDimension / HEAD_MULTIPLE) * HEAD_MULTIPLE
}

/**
 * @param layer index, for the names of the cache: `past_key_values.0.key` in, `present.0.key` out
 * @param value [batch, sequence, hiddenSize], normed
 * @throws FsError `onnx/not-expressible` for attention that is not causal
 */
export function cachedAttention(context: AttentionContext, layer: number, attention: AttentionSpec, value: Value): Value {
  const { building, hiddenSize } = context
  const name = `layers.${layer}.attention`
  if (!attention.causal) {
    throw onnxError('onnx/not-expressible', `layer ${layer} of the decoder is not causal; describe the model as an encoder`, { layer })
  }
  const projections = project(building, name, attention, hiddenSize, value)
  const mixed =
    building.options.attention === 'fused'
      ? fusedAttention(context, layer, name, attention, projections)
      : explicitAttention(context, layer, name, attention, projections)
  const inputs = attention.heads * attention.headDimension
  return linear(building, { name: `${name}.output`, outputs: hiddenSize, bias: attention.bias.output }, inputs, mixed)
}

function fusedAttention(context: AttentionContext, layer: number, name: string, attention: AttentionSpec, projections: Projections): Value {
  const { building, lengths } = context
  const { builder } = building
  const positioned = position(context, name, attention, projections)
  const { query, key, keyValue } = padHeads(building, name, attention, positioned.projections)
  const past = cacheInputs(building, layer, attention)
  const [mixed, presentKey, presentValue] = builder.nodeWithOutputs(
    name,
    'GroupQueryAttention',
    [query, key, keyValue, past.key, past.value, lengths.lastIndices, lengths.longest, ...positioned.tables, '', positioned.bias],
    {
      num_heads: int(attention.heads),
      kv_num_heads: int(attention.keyValueHeads),
      scale: float(attention.scale),
      local_window_size: int(attention.window ?? -1),
      softcap: float(attention.softCap ?? 0),
      do_rotary: int(positioned.rotary === 'inside' ? 1 : 0),
      rotary_interleaved: int(attention.position.kind === 'rope' && attention.position.pairing === 'interleaved' ? 1 : 0),
    },
    ['output', 'present_key', 'present_value'],
  )
  if (building.options.cache === 'appended') appendedOutputs(building, layer, attention, { key, keyValue })
  else cacheOutputs(building, layer, attention, presentKey!, presentValue!)
  return cutHeads(building, name, attention, mixed!)
}

/** The same in standard operators: new keys and values go behind the cached ones, which must be exactly as long as their content. */
function explicitAttention(
  context: AttentionContext,
  layer: number,
  name: string,
  attention: AttentionSpec,
  projections: Projections,
): Value {
  const { building } = context
  const { builder } = building
  const { heads, keyValueHeads } = attention
  const rotated = rotateApart(context, name, attention, takeApart(building, name, attention, projections))
  // Padded like the other form's, so that a cache does not depend on how attention is computed.
  const padded = padHeads(building, name, attention, rotated)
  const dimension = cacheHeadDimension(attention)
  const past = cacheInputs(building, layer, attention)
  const key = builder.node(name, 'Concat', [past.key, byHead(building, name, padded.key, keyValueHeads, dimension)], { axis: int(2) })
  const keyValue = builder.node(name, 'Concat', [past.value, byHead(building, name, padded.keyValue, keyValueHeads, dimension)], {
    axis: int(2),
  })
  if (building.options.cache === 'appended') appendedOutputs(building, layer, attention, padded)
  else cacheOutputs(building, layer, attention, key, keyValue)
  const query = byHead(building, name, padded.query, heads, dimension)
  const wide = { ...attention, headDimension: dimension }
  const mixed = dotProductAttention(building, name, wide, { query, key, keyValue }, biasOf(context, attention))
  return cutHeads(building, name, attention, mixed)
}

/** What the operator is told about positions: tables to rotate with itself, a bias, or nothing (rotated before, or not at all). */
type Positioned = {
  readonly projections: Projections
  readonly tables: readonly [Value, Value]
  readonly bias: Value
  readonly rotary: 'inside' | 'none'
}

function position(context: AttentionContext, name: string, attention: AttentionSpec, joined: Projections): Positioned {
  const { building, contextLength } = context
  const appended = building.options.cache === 'appended'
  // New keys are handed out rotated, so they have to be there by themselves.
  const projections = appended ? takeApart(building, name, attention, joined) : joined
  const plain = { projections, tables: ['', ''], bias: '', rotary: 'none' } as const
  const { position: spec } = attention
  switch (spec.kind) {
    case 'none':
      return plain
    case 'alibi':
      return { ...plain, bias: context.linearBias(attention.heads, spec.maximumBias) }
    case 'rope': {
      const inside =
        !appended &&
        attention.headDimension % ROTARY_MULTIPLE === 0 &&
        spec.dimensions % ROTARY_MULTIPLE === 0 &&
        rotarySwitch(spec, contextLength) === null
      if (!inside)
        return { ...plain, projections: rotateApart(context, name, attention, takeApart(building, name, attention, projections)) }
      const tables = rotaryTables(building, spec, contextLength)
      return { ...plain, tables: [tables.cosines, tables.sines], rotary: 'inside' }
    }
    default:
      return spec satisfies never
  }
}

/** The operator's first three inputs; joined projections go in as the query alone. */
function padHeads(building: Building, name: string, attention: AttentionSpec, projections: Projections) {
  const { headDimension } = attention
  const padded = cacheHeadDimension(attention)
  if (padded === headDimension) {
    return projections.kind === 'joined' ? { query: projections.value, key: '', keyValue: '' } : projections
  }
  const { builder, options } = building
  const pad = (value: Value, heads: number): Value => {
    const byHead = builder.reshape(name, value, [0, 0, heads, headDimension])
    const amounts = builder.constant('int64', [0, 0, 0, 0, 0, 0, 0, padded - headDimension])
    const wide = builder.node(name, 'Pad', [byHead, amounts, builder.constant(options.precision, [0], [])])
    return builder.reshape(name, wide, [0, 0, heads * padded])
  }
  const apart = takeApart(building, name, attention, projections)
  return {
    query: pad(apart.query, attention.heads),
    key: pad(apart.key, attention.keyValueHeads),
    keyValue: pad(apart.keyValue, attention.keyValueHeads),
  }
}

function cutHeads(building: Building, name: string, attention: AttentionSpec, value: Value): Value {
  const { heads, headDimension } = attention
  const padded = cacheHeadDimension(attention)
  if (padded === headDimension) return value
  const { builder } = building
  const byHead = builder.reshape(name, value, [0, 0, heads, padded])
  const bounds = [[0], [headDimension], [3]].map((bound) => builder.constant('int64', bound))
  return builder.reshape(name, builder.node(name, 'Slice', [byHead, ...bounds]), [0, 0, heads * headDimension])
}

function cacheInputs(building: Building, layer: number, attention: AttentionSpec): { readonly key: Value; readonly value: Value } {
  const shape = ['batch_size', attention.keyValueHeads, 'past_sequence_length', cacheHeadDimension(attention)]
  const type = building.options.precision
  return {
    key: building.builder.input({ name: `past_key_values.${layer}.key`, type, shape }),
    value: building.builder.input({ name: `past_key_values.${layer}.value`, type, shape }),
  }
}

/** New tokens' keys and values, [batch, sequence, keyValueHeads * dimension]. */
function appendedOutputs(
  building: Building,
  layer: number,
  attention: AttentionSpec,
  added: { readonly key: Value; readonly keyValue: Value },
): void {
  const shape = ['batch_size', 'sequence_length', attention.keyValueHeads * cacheHeadDimension(attention)]
  const type = building.options.precision
  building.builder.output({ name: `appended.${layer}.key`, type, shape }, added.key)
  building.builder.output({ name: `appended.${layer}.value`, type, shape }, added.keyValue)
}

function cacheOutputs(building: Building, layer: number, attention: AttentionSpec, key: Value, keyValue: Value): void {
  const shape = ['batch_size', attention.keyValueHeads, 'total_sequence_length', cacheHeadDimension(attention)]
  const type = building.options.precision
  building.builder.output({ name: `present.${layer}.key`, type, shape }, key)
  building.builder.output({ name: `present.${layer}.value`, type, shape }, keyValue)
}
