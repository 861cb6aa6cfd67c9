// Qwen3: Qwen2 without biases, with a norm on each head's queries and keys, and a head size of its own.
// Facts: transformers modeling_qwen3.py; llama.cpp conversion/qwen.py.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, halfSplitRope, preNormLayer, rmsNorm } from '@fs/arch/common-decoder'
import { activationNamed, fileType, hasTensor, headDimension } from '@fs/arch/common-fields'
import { attention, embeddingAndHead, gatedFeedForward, preNorms, queryKeyNorms } from '@fs/arch/common-weights'
import type { ConfigOf } from '@fs/arch/fields'
import { commonFields, shapeFields } from '../fields.ts'
import { windowNotices, windowOf } from '../sliding-window.ts'

/** Also the attention half of Qwen3-MoE. */
export const qwen3Fields = () => ({
  ...shapeFields(),
  headDimension: headDimension(128),
  fileType: fileType(),
  bias: hasTensor('model.layers.0.self_attn.q_proj.bias', 'blk.0.attn_q.bias', (attention_bias) => ({ attention_bias })),
  ...commonFields(),
})

export type Qwen3Config = ConfigOf<ReturnType<typeof qwen3Fields>>

export function qwen3Attention(config: Qwen3Config, layer: number) {
  const { heads, keyValueHeads, headDimension: size, rope, bias } = config
  return attentionSpec({
    heads,
    keyValueHeads,
    headDimension: size,
    window: windowOf(config.window, layer),
    bias: { query: bias, key: bias, value: bias, output: bias },
    queryKeyNorm: { norm: rmsNorm(config.epsilon), over: 'head' },
    position: halfSplitRope(size, rope),
  })
}

function describe(config: Qwen3Config): DecoderSpec {
  const norm = rmsNorm(config.epsilon)
  const feedForward = { kind: 'glu', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: false } as const
  return {
    ...decoderFrame(config),
    layers: Array.from({ length: config.layers }, (_, layer) =>
      preNormLayer(norm, { attention: qwen3Attention(config, layer), feedForward }),
    ),
    outputNorm: norm,
  }
}

export const qwen3 = defineArch({
  id: 'qwen3',
  title: 'Qwen3',
  ggufArchitecture: 'qwen3',
  huggingFaceArchitectures: ['Qwen3ForCausalLM', 'Qwen3Model'],
  modelTypes: ['qwen3'],
  checkpoints: ['Qwen/Qwen3-0.6B', 'Qwen/Qwen3-1.7B', 'Qwen/Qwen3-4B', 'Qwen/Qwen3-8B'],
  aliases: [[/^(embed_tokens|layers|norm)\./, 'model.$1.']],
  fields: qwen3Fields(),
  describe,
  weights: () => [...embeddingAndHead(), ...attention(), ...queryKeyNorms(), ...preNorms(), ...gatedFeedForward()],
  vocabulary: () => ({ preferredPre: 'qwen2' }),
  notices: ({ window, layers, contextLength }) => windowNotices(window, layers, contextLength),
})
