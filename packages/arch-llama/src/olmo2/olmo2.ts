// OLMo 2: Llama's matrices with norms after each half instead of before it, and norms of queries and keys over all heads together.
// Facts: transformers modeling_olmo2.py; llama.cpp conversion/olmo.py and src/models/olmo2.cpp.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, halfSplitRope, rmsNorm } from '@fs/arch/common-decoder'
import { activation, activationNamed, fileType, llamaShape, untiedHead, vocabularySize } from '@fs/arch/common-fields'
import { attention, embeddingAndHead, gatedFeedForward, queryKeyNorms } from '@fs/arch/common-weights'
import type { ConfigOf } from '@fs/arch/fields'
import { weight } from '@fs/arch/weights'

const fields = {
  ...llamaShape({ contextLength: 2048, epsilon: 1e-5 }),
  fileType: fileType(),
  vocabularySize: vocabularySize(),
  activation: activation('silu'),
  untied: untiedHead(),
}

function describe(config: ConfigOf<typeof fields>): DecoderSpec {
  const { heads: count, keyValueHeads: keys, rope: rotation } = config
  const norm = rmsNorm(config.epsilon)
  const size = config.hiddenSize / count
  return {
    ...decoderFrame(config),
    layers: Array.from({ length: config.layers }, () => ({
      kind: 'sequential',
      attentionNorm: null,
      attentionPostNorm: norm,
      feedForwardNorm: null,
      feedForwardPostNorm: norm,
      attention: attentionSpec({
        heads: count,
        keyValueHeads: keys,
        headDimension: size,
        queryKeyNorm: { norm, over: 'all-heads' },
        position: halfSplitRope(size, rotation),
      }),
      feedForward: { kind: 'glu', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: false },
    })),
    outputNorm: norm,
  }
}

export const olmo2 = defineArch({
  id: 'olmo2',
  title: 'OLMo 2',
  ggufArchitecture: 'olmo2',
  huggingFaceArchitectures: ['Olmo2ForCausalLM'],
  modelTypes: ['olmo2'],
  checkpoints: ['allenai/OLMo-2-0425-1B-Instruct', 'allenai/OLMo-2-1124-7B-Instruct'],
  // OLMo 3 shares the name in GGUF and adds a sliding window.
  matchesGguf: (view) => view.number('attention.sliding_window') === undefined,
  fields,
  describe,
  weights: () => [
    ...embeddingAndHead(),
    ...attention(),
    ...queryKeyNorms(),
    weight('layers.{i}.attention_post_norm', 'model.layers.{i}.post_attention_layernorm', 'blk.{i}.post_attention_norm'),
    weight('layers.{i}.feed_forward_post_norm', 'model.layers.{i}.post_feedforward_layernorm', 'blk.{i}.post_ffw_norm'),
    ...gatedFeedForward(),
  ],
  vocabulary: () => ({ preferredPre: 'dbrx' }),
})
