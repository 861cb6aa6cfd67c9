// An architecture small enough to read at a glance: a Llama-shaped decoder.
// It is no published model; those are in the `arch-…` packages.
import { attentionSpec, decoderFrame, preNormLayer, rmsNorm } from './common-decoder.ts'
import {
  activation,
  activationNamed,
  contextLength,
  feedForwardWidth,
  heads,
  hiddenSize,
  layers,
  rmsEpsilon,
  untiedHead,
  vocabularySize,
} from './common-fields.ts'
import { embeddingAndHead, gatedFeedForward, interleavedAttention, preNorms } from './common-weights.ts'
import { defineArch } from './define-arch.ts'

export const example = defineArch({
  id: 'example',
  title: 'Example',
  ggufArchitecture: 'llama',
  huggingFaceArchitectures: ['ExampleForCausalLM', 'ExampleModel'],
  modelTypes: ['example'],
  checkpoints: [],
  aliases: [[/^layers\./, 'model.layers.']],
  ignored: [/^rope\.freqs$/],
  leftOut: [{ tensors: /^vision\./, what: 'the image encoder' }],
  fields: {
    layers: layers(),
    contextLength: contextLength(2048),
    hiddenSize: hiddenSize(),
    feedForwardWidth: feedForwardWidth(),
    heads: heads(),
    epsilon: rmsEpsilon(),
    vocabularySize: vocabularySize(),
    untied: untiedHead(),
    activation: activation('silu'),
  },
  describe: (config) => {
    const norm = rmsNorm(config.epsilon)
    const layer = preNormLayer(norm, {
      attention: attentionSpec({
        heads: config.heads,
        keyValueHeads: config.heads,
        headDimension: config.hiddenSize / config.heads,
        position: { kind: 'none' },
      }),
      feedForward: { kind: 'glu', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: false },
    })
    return { ...decoderFrame(config), layers: Array.from({ length: config.layers }, () => layer), outputNorm: norm }
  },
  weights: (config) => [...embeddingAndHead(), ...interleavedAttention(config.heads, config.heads), ...preNorms(), ...gatedFeedForward()],
  derivedTensors: () => [{ name: 'rope_freqs.weight', values: Float32Array.of(1, 1) }],
})

export const exampleConfig = {
  architectures: ['ExampleForCausalLM'],
  model_type: 'example',
  num_hidden_layers: 2,
  max_position_embeddings: 16,
  hidden_size: 8,
  intermediate_size: 12,
  num_attention_heads: 2,
  rms_norm_eps: 1e-5,
} as const

/** Tensors of `exampleConfig` with seven tokens and a tied head, as a Hugging Face checkpoint names them. */
export function exampleTensors(): Map<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>([['model.embed_tokens.weight', [7, 8]]])
  for (const layer of [0, 1]) {
    const prefix = `model.layers.${layer}`
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'o_proj']) tensors.set(`${prefix}.self_attn.${name}.weight`, [8, 8])
    for (const name of ['gate_proj', 'up_proj']) tensors.set(`${prefix}.mlp.${name}.weight`, [12, 8])
    tensors.set(`${prefix}.mlp.down_proj.weight`, [8, 12])
    for (const name of ['input_layernorm', 'post_attention_layernorm']) tensors.set(`${prefix}.${name}.weight`, [8])
  }
  return tensors.set('model.norm.weight', [8])
}
