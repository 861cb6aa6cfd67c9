// A described decoder as an ONNX graph: token ids, attention mask and cache in; logits and cache out.
// Names and shapes of inputs and outputs are those of onnxruntime-genai and transformers.js.
import type { DecoderSpec } from '@fs/arch'
import { createGraphBuilder, type Graph, type GraphBuilder, type Value } from '../graph/graph-builder.ts'
import { attentionContext } from './attention-context.ts'
import type { Building, GraphOptions } from './building.ts'
import { cachedAttention } from './cached-attention.ts'
import { embed } from './embedding.ts'
import { logits } from './head.ts'
import { layerNodes } from './layer.ts'
import { lengthsOf } from './lengths.ts'
import { type Residual, residualNorm, settle } from './norm.ts'

export type DecoderGraphOptions = GraphOptions & {
  /**
   * Who says which positions get logits, and for which sequence length a length-dependent rotary embedding (longrope) is chosen.
   * `last`: the last position; `all`: every one; either way the attention mask tells the length. `inputs`: two more inputs, so that one
   * session serves both and a prompt can be fed in pieces: `first_logit` int64 [1], the first position that gets logits, and
   * `rotary_lengths` int64 [batch], which is only there for such an embedding.
   */
  readonly control: 'last' | 'all' | 'inputs'
  /** Positions the rotary tables cover; at most the model's context length. */
  readonly contextLength: number
}

/**
 * Inputs `input_ids` [batch, sequence], `attention_mask` [batch, total], `past_key_values.N.key|value` [batch, heads, past, dimension];
 * outputs `logits` [batch, positions, vocabulary], `present.N.key|value`.
 * A cache may be longer than its content; rows are then right-padded, and the mask says how much of each counts.
 * @throws FsError `onnx/not-expressible`
 */
export function decoderGraph(spec: DecoderSpec, options: DecoderGraphOptions): Graph {
  const builder = createGraphBuilder()
  const building: Building = { builder, options }
  const { hiddenSize, vocabularySize } = spec
  const tokens = builder.input({ name: 'input_ids', type: 'int64', shape: ['batch_size', 'sequence_length'] })
  const mask = builder.input({ name: 'attention_mask', type: 'int64', shape: ['batch_size', 'total_sequence_length'] })
  const wanted = wantedPositions(builder, options.control)
  const lengths = lengthsOf(building, tokens, mask, options.control === 'inputs' ? 'input' : 'mask')
  const zeros = (): Value => builder.node('embedding.types', 'Sub', [tokens, tokens])
  const embedded = embed(building, spec.embedding, spec, { tokens, positions: lengths.positions, types: zeros })

  const context = attentionContext(building, { hiddenSize, contextLength: options.contextLength }, mask, lengths)
  let residual: Residual = { sum: embedded, pending: null }
  for (const [index, layer] of spec.layers.entries()) {
    const keep = index === spec.layers.length - 1 ? wanted : (value: Value) => value
    const attention = (value: Value) => cachedAttention(context, index, layer.attention, value)
    residual = layerNodes({ building, hiddenSize, attention, keep }, `layers.${index}`, layer, residual)
  }
  const hidden =
    spec.outputNorm === null
      ? settle(building, 'output_norm', residual)
      : residualNorm(building, 'output_norm', spec.outputNorm, hiddenSize, residual).normed
  const shape = ['batch_size', options.control === 'last' ? 1 : 'logit_positions', vocabularySize]
  builder.output({ name: 'logits', type: options.precision, shape }, logits(building, spec, hidden))
  return builder.graph()
}

/** Cuts [batch, sequence, …] down to the positions that get logits. */
function wantedPositions(builder: GraphBuilder, control: DecoderGraphOptions['control']): (value: Value) => Value {
  if (control === 'all') return (value) => value
  const first = control === 'last' ? builder.constant('int64', [-1]) : builder.input({ name: 'first_logit', type: 'int64', shape: [1] })
  const bounds = [first, builder.constant('int64', [Number.MAX_SAFE_INTEGER]), builder.constant('int64', [1])]
  return (value) => builder.node('wanted', 'Slice', [value, ...bounds])
}
