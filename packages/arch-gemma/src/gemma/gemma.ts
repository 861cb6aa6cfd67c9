// Gemma 1: Llama's shape with a scaled embedding, norms stored minus one, and a gated GELU.
// Facts: transformers modeling_gemma.py; llama.cpp conversion/gemma.py.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, halfSplitRope, offsetRmsNorm, plainEmbedding, preNormLayer } from '@fs/arch/common-decoder'
import { headDimensionOfGguf, vocabularySize } from '@fs/arch/common-fields'
import { attention, gatedFeedForward } from '@fs/arch/common-weights'
import type { ConfigOf } from '@fs/arch/fields'
import { rope } from '@fs/arch/rope'
import { leadingFields } from '../common-fields.ts'
import { embedding, ignoredHead, offsetNorm, outputNorm } from '../weights.ts'

const fields = {
  ...leadingFields(),
  rope: rope({ dimensions: headDimensionOfGguf, omitBase: true }),
  vocabularySize: vocabularySize(),
}

function describe(config: ConfigOf<typeof fields>): DecoderSpec {
  const { heads, keyValueHeads, headDimension: size, rope } = config
  const norm = offsetRmsNorm(config.epsilon)
  const layer = preNormLayer(norm, {
    attention: attentionSpec({ heads, keyValueHeads, headDimension: size, position: halfSplitRope(size, rope) }),
    // The first checkpoints say "gelu" and mean the tanh form; transformers corrects it (configuration_gemma.py).
    feedForward: { kind: 'glu', width: config.feedForwardWidth, activation: 'gelu-tanh', bias: false },
  })
  return {
    ...decoderFrame({ ...config, untied: false }),
    embedding: { ...plainEmbedding, scale: Math.sqrt(config.hiddenSize) },
    layers: Array.from({ length: config.layers }, () => layer),
    outputNorm: norm,
  }
}

export const gemma = defineArch({
  id: 'gemma',
  title: 'Gemma',
  ggufArchitecture: 'gemma',
  huggingFaceArchitectures: ['GemmaForCausalLM'],
  modelTypes: ['gemma'],
  checkpoints: ['google/gemma-2b-it', 'google/gemma-7b-it'],
  ignored: ignoredHead,
  fields,
  describe,
  weights: () => [
    embedding(0),
    outputNorm(),
    ...attention(),
    offsetNorm('layers.{i}.attention_norm', 'model.layers.{i}.input_layernorm', 'blk.{i}.attn_norm'),
    offsetNorm('layers.{i}.feed_forward_norm', 'model.layers.{i}.post_attention_layernorm', 'blk.{i}.ffn_norm'),
    ...gatedFeedForward(),
  ],
  vocabulary: () => ({
    addSpacePrefix: false,
    // Infill tokens, known by constant only (conversion/gemma.py, set_vocab).
    tokenIds: { prefix_token_id: 67, suffix_token_id: 69, middle_token_id: 68, fsep_token_id: 70, eot_token_id: 107 },
  }),
})
