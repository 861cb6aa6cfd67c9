// A described encoder as an ONNX graph: token ids and attention mask in, token vectors and one vector for each text out.
// Names of inputs and outputs are those of sentence-transformers' own exports.
import type { EncoderSpec } from '@fs/arch'
import { createGraphBuilder, type Graph, type Value } from '../graph/graph-builder.ts'
import { attentionContext } from './attention-context.ts'
import type { Building, GraphOptions } from './building.ts'
import { embed } from './embedding.ts'
import { fullAttention } from './full-attention.ts'
import { layerNodes } from './layer.ts'
import { lengthsOf } from './lengths.ts'
import { type Residual, residualNorm, settle } from './norm.ts'
import { pool } from './pooling.ts'

export type EncoderGraphOptions = Omit<GraphOptions, 'attention'> & {
  /** Positions the rotary tables cover; at most the model's context length. */
  readonly contextLength: number
}

/**
 * Inputs `input_ids`, `attention_mask` and, where the model has token types, `token_type_ids`, all int64 [batch, sequence], padded on the
 * right; outputs `last_hidden_state` [batch, sequence, hiddenSize] and, where the model pools, `sentence_embedding` [batch, dimension].
 */
export function encoderGraph(spec: EncoderSpec, options: EncoderGraphOptions): Graph {
  const builder = createGraphBuilder()
  const building: Building = { builder, options: { ...options, attention: 'explicit' } }
  const { hiddenSize } = spec
  const input = (name: string): Value => builder.input({ name, type: 'int64', shape: ['batch_size', 'sequence_length'] })
  const tokens = input('input_ids')
  const mask = input('attention_mask')
  const lengths = lengthsOf(building, tokens, mask, 'mask')
  const types = (): Value => input('token_type_ids')
  const embedded = embed(building, spec.embedding, spec, { tokens, positions: lengths.positions, types })

  const context = attentionContext(building, { hiddenSize, contextLength: options.contextLength }, mask, lengths)
  let residual: Residual = { sum: embedded, pending: null }
  for (const [index, layer] of spec.layers.entries()) {
    const attention = (value: Value) => fullAttention(context, index, layer.attention, value)
    residual = layerNodes({ building, hiddenSize, attention, keep: (value) => value }, `layers.${index}`, layer, residual)
  }
  const hidden =
    spec.outputNorm === null
      ? settle(building, 'output_norm', residual)
      : residualNorm(building, 'output_norm', spec.outputNorm, hiddenSize, residual).normed
  builder.output({ name: 'last_hidden_state', type: options.precision, shape: ['batch_size', 'sequence_length', hiddenSize] }, hidden)
  if (spec.pooling !== 'none') {
    const dimension = spec.dense.at(-1)?.outputSize ?? hiddenSize
    builder.output(
      { name: 'sentence_embedding', type: options.precision, shape: ['batch_size', dimension] },
      pool(building, spec, spec.pooling, hidden, mask),
    )
  }
  return builder.graph()
}
