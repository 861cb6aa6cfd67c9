// The configuration of a Llama-shaped model, in the order llama.cpp writes it. Shared by Mistral and Mixtral in this package.
import {
  activation,
  fileType,
  hasTensor,
  headDimension,
  headDimensionOfGguf,
  llamaShape,
  untiedHead,
  writtenVocabularySize,
} from '@fs/arch/common-fields'
import { integer } from '@fs/arch/fields'

/** Rotated dimensions: the whole head; written by llama.cpp, not stated in config.json. */
const ropeDimensions = () =>
  integer({
    huggingFace: 'head_dim',
    gguf: 'rope.dimension_count',
    missing: (view) => Math.floor((view.integer('hidden_size') ?? 0) / (view.integer('num_attention_heads') ?? 1)),
    missingGguf: headDimensionOfGguf,
  })

export const llamaFields = () => ({
  ...llamaShape({ contextLength: 2048 }),
  headDimension: headDimension(),
  fileType: fileType(),
  vocabularySize: writtenVocabularySize(),
  ropeDimensions: ropeDimensions(),
  activation: activation('silu'),
  untied: untiedHead(),
  queryBias: hasTensor('model.layers.0.self_attn.q_proj.bias', 'blk.0.attn_q.bias', (attention_bias) => ({ attention_bias })),
  outputBias: hasTensor('model.layers.0.self_attn.o_proj.bias', 'blk.0.attn_output.bias'),
  feedForwardBias: hasTensor('model.layers.0.mlp.gate_proj.bias', 'blk.0.ffn_gate.bias', (mlp_bias) => ({ mlp_bias })),
})
