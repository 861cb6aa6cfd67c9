// Qwen2 and Qwen2.5, QwQ, DeepSeek-R1-Distill-Qwen: Llama's shape with biases on query, key and value.
// Facts: transformers modeling_qwen2.py; llama.cpp conversion/qwen.py.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, halfSplitRope, preNormLayer, rmsNorm } from '@fs/arch/common-decoder'
import { activationNamed, fileType, hasTensor, headDimensionOfGguf } from '@fs/arch/common-fields'
import { attention, embeddingAndHead, gatedFeedForward, preNorms } from '@fs/arch/common-weights'
import { type ConfigOf, integer } from '@fs/arch/fields'
import { commonFields, shapeFields } from '../fields.ts'
import { windowNotices, windowOf } from '../sliding-window.ts'

/** Qwen2 configurations have no head_dim; the value follows, and llama.cpp writes no key for it. */
const headDimension = () =>
  integer({
    huggingFace: 'head_dim',
    missing: (view) => Math.floor((view.integer('hidden_size') ?? 0) / (view.integer('num_attention_heads') ?? 1)),
    missingGguf: headDimensionOfGguf,
  })

const fields = {
  ...shapeFields(),
  fileType: fileType(),
  headDimension: headDimension(),
  queryBias: hasTensor('model.layers.0.self_attn.q_proj.bias', 'blk.0.attn_q.bias'),
  ...commonFields(),
}

function describe(config: ConfigOf<typeof fields>): DecoderSpec {
  const { heads, keyValueHeads, headDimension: size, rope, queryBias: bias } = config
  const norm = rmsNorm(config.epsilon)
  return {
    ...decoderFrame(config),
    layers: Array.from({ length: config.layers }, (_, layer) =>
      preNormLayer(norm, {
        attention: attentionSpec({
          heads,
          keyValueHeads,
          headDimension: size,
          window: windowOf(config.window, layer),
          bias: { query: bias, key: bias, value: bias, output: false },
          position: halfSplitRope(size, rope),
        }),
        feedForward: { kind: 'glu', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: false },
      }),
    ),
    outputNorm: norm,
  }
}

export const qwen2 = defineArch({
  id: 'qwen2',
  title: 'Qwen2',
  ggufArchitecture: 'qwen2',
  huggingFaceArchitectures: ['Qwen2ForCausalLM', 'Qwen2Model'],
  modelTypes: ['qwen2'],
  checkpoints: ['Qwen/Qwen2.5-0.5B-Instruct', 'Qwen/Qwen2.5-1.5B-Instruct', 'Qwen/QwQ-32B', 'deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B'],
  aliases: [[/^(embed_tokens|layers|norm)\./, 'model.$1.']],
  fields,
  describe,
  weights: () => [...embeddingAndHead(), ...attention(), ...preNorms(), ...gatedFeedForward()],
  vocabulary: () => ({ preferredPre: 'qwen2' }),
  notices: ({ window, layers, contextLength }) => windowNotices(window, layers, contextLength),
})
