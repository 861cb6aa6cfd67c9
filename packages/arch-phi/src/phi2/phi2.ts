// Phi-1.5 and Phi-2: attention and feed-forward side by side behind one layer norm, partial rotation, biases everywhere.
// Facts: transformers modeling_phi.py; llama.cpp conversion/phi.py and src/models/phi2.cpp.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, halfSplitRope } from '@fs/arch/common-decoder'
import {
  activation,
  activationNamed,
  contextLength,
  fileType,
  heads,
  hiddenSize,
  keyValueHeads,
  layerNormEpsilon,
  layers,
  vocabularySize,
} from '@fs/arch/common-fields'
import { type ConfigOf, constantGguf, integer } from '@fs/arch/fields'
import { rope, rotatedPart } from '@fs/arch/rope'
import { weight } from '@fs/arch/weights'

const feedForwardWidth = () =>
  integer({
    huggingFace: ['intermediate_size', 'n_inner'],
    gguf: 'feed_forward_length',
    missing: (view) => 4 * (view.integer('hidden_size', 'n_embd') ?? 0),
  })

const fields = {
  contextLength: contextLength(2048),
  hiddenSize: hiddenSize(),
  feedForwardWidth: feedForwardWidth(),
  layers: layers(),
  heads: heads(),
  keyValueHeads: keyValueHeads(),
  epsilon: layerNormEpsilon(),
  rotated: rotatedPart('partial_rotary_factor', 0.5, (share, hidden, count) => Math.floor(Math.floor(share * hidden) / count)),
  fileType: fileType(),
  addBos: constantGguf('tokenizer.ggml.add_bos_token', { type: 'BOOL', value: false }),
  rope: rope({ dimensions: (view) => view.number('rope.dimension_count') ?? 0, omitBase: true }),
  vocabularySize: vocabularySize(),
  activation: activation('gelu_new'),
}

function describe(config: ConfigOf<typeof fields>): DecoderSpec {
  const norm = { kind: 'layer', epsilon: config.epsilon, bias: true } as const
  const frame = decoderFrame({ ...config, untied: true })
  const attention = attentionSpec({
    heads: config.heads,
    keyValueHeads: config.keyValueHeads,
    headDimension: config.hiddenSize / config.heads,
    bias: { query: true, key: true, value: true, output: true },
    position: halfSplitRope(config.rotated.dimensions, config.rope),
  })
  const feedForward = { kind: 'mlp', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: true } as const
  return {
    ...frame,
    layers: Array.from({ length: config.layers }, () => ({
      kind: 'parallel',
      attentionNorm: norm,
      feedForwardNorm: null,
      attention,
      feedForward,
    })),
    outputNorm: norm,
    head: { ...frame.head, bias: true },
  }
}

export const phi2 = defineArch({
  id: 'phi2',
  title: 'Phi-2',
  ggufArchitecture: 'phi2',
  huggingFaceArchitectures: ['PhiForCausalLM'],
  modelTypes: ['phi'],
  checkpoints: ['microsoft/phi-2', 'microsoft/phi-1_5'],
  fields,
  describe,
  weights: () => [
    weight('embedding.tokens', 'model.embed_tokens', 'token_embd'),
    weight('output_norm', 'model.final_layernorm', 'output_norm'),
    weight('output', 'lm_head', 'output'),
    weight('layers.{i}.attention_norm', 'model.layers.{i}.input_layernorm', 'blk.{i}.attn_norm'),
    weight('layers.{i}.attention.query', 'model.layers.{i}.self_attn.q_proj', 'blk.{i}.attn_q'),
    weight('layers.{i}.attention.key', 'model.layers.{i}.self_attn.k_proj', 'blk.{i}.attn_k'),
    weight('layers.{i}.attention.value', 'model.layers.{i}.self_attn.v_proj', 'blk.{i}.attn_v'),
    weight('layers.{i}.attention.output', 'model.layers.{i}.self_attn.dense', 'blk.{i}.attn_output'),
    weight('layers.{i}.feed_forward.up', 'model.layers.{i}.mlp.fc1', 'blk.{i}.ffn_up'),
    weight('layers.{i}.feed_forward.down', 'model.layers.{i}.mlp.fc2', 'blk.{i}.ffn_down'),
  ],
  vocabulary: () => ({ preferredPre: 'gpt-2' }),
})
