// Causal attention over a key-value cache, as one GroupQueryAttention node per layer.
// Attention without a cache (encoders) is in `full-attention.ts`.
import type { AttentionSpec } from '@fs/arch'
import { onnxError } from '../errors.ts'
import { float, int } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import { alibiBias } from './alibi.ts'
import { type Projections, project, takeApart } from './attention-projections.ts'
import type { Building } from './building.ts'
import type { Lengths } from './lengths.ts'
import { linear } from './linear.ts'
import { rotarySwitch, rotaryTables, rotate } from './rotary.ts'

export type CachedAttentionContext = {
  readonly building: Building
  readonly hiddenSize: number
  readonly contextLength: number
  readonly lengths: Lengths
  /** Biases already in the graph, by heads and maximum. */
  readonly biases: Map<string, Value>
}

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
export function cachedAttention(context: CachedAttentionContext, layer: number, attention: AttentionSpec, value: Value): Value {
  const { building, hiddenSize } = context
  const { builder } = building
  const name = `layers.${layer}.attention`
  if (!attention.causal) {
    throw onnxError('onnx/not-expressible', `layer ${layer} of the decoder is not causal; describe the model as an encoder`, { layer })
  }
  const positioned = position(context, name, attention, project(building, name, attention, hiddenSize, value))
  const { query, key, keyValue } = padHeads(building, name, attention, positioned.projections)
  const past = cacheInputs(building, layer, attention)
  const [mixed, presentKey, presentValue] = builder.nodeWithOutputs(
    name,
    'GroupQueryAttention',
    [
      query,
      key,
      keyValue,
      past.key,
      past.value,
      context.lengths.lastIndices,
      context.lengths.longest,
      ...positioned.tables,
      '',
      positioned.bias,
    ],
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
  builder.output({ ...cacheValue(building, attention), name: `present.${layer}.key` }, presentKey!)
  builder.output({ ...cacheValue(building, attention), name: `present.${layer}.value` }, presentValue!)
  const heads = cutHeads(building, name, attention, mixed!)
  const inputs = attention.heads * attention.headDimension
  return linear(building, { name: `${name}.output`, outputs: hiddenSize, bias: attention.bias.output }, inputs, heads)
}

/** What the operator is told about positions: tables to rotate with itself, a bias, or nothing (rotated before, or not at all). */
type Positioned = {
  readonly projections: Projections
  readonly tables: readonly [Value, Value]
  readonly bias: Value
  readonly rotary: 'inside' | 'none'
}

function position(context: CachedAttentionContext, name: string, attention: AttentionSpec, projections: Projections): Positioned {
  const { building, contextLength, lengths } = context
  const plain = { projections, tables: ['', ''], bias: '', rotary: 'none' } as const
  const { position: spec } = attention
  switch (spec.kind) {
    case 'none':
      return plain
    case 'alibi':
      return { ...plain, bias: sharedBias(context, attention.heads, spec.maximumBias) }
    case 'rope': {
      const tables = rotaryTables(building, spec, contextLength)
      const original = rotarySwitch(spec, contextLength)
      const inside = attention.headDimension % ROTARY_MULTIPLE === 0 && spec.dimensions % ROTARY_MULTIPLE === 0 && original === null
      if (inside) return { ...plain, tables: [tables.cosines, tables.sines], rotary: 'inside' }
      const positions = original === null ? lengths.positions() : lengths.shiftedPositions(original)
      const apart = takeApart(building, name, attention, projections)
      const query = rotate(building, `${name}.query`, spec, tables, attention.heads, positions, apart.query)
      const key = rotate(building, `${name}.key`, spec, tables, attention.keyValueHeads, positions, apart.key)
      return { ...plain, projections: { ...apart, query, key } }
    }
    default:
      return spec satisfies never
  }
}

function sharedBias(context: CachedAttentionContext, heads: number, maximumBias: number): Value {
  const key = `${heads}/${maximumBias}`
  const known = context.biases.get(key)
  if (known !== undefined) return known
  const bias = alibiBias(context.building, heads, maximumBias, context.lengths)
  context.biases.set(key, bias)
  return bias
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

function cacheValue(building: Building, attention: AttentionSpec) {
  const shape = ['batch_size', attention.keyValueHeads, 'total_sequence_length', cacheHeadDimension(attention)]
  return { type: building.options.precision, shape }
}
