// Gemma 2: four norms a layer, soft caps on scores and logits, a sliding window on every other layer, beginning with the first.
// Facts: transformers modeling_gemma2.py; llama.cpp conversion/gemma.py and src/models/gemma2.cpp.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, halfSplitRope, offsetRmsNorm, plainEmbedding } from '@fs/arch/common-decoder'
import { activation, activationNamed, headDimensionOfGguf, vocabularySize } from '@fs/arch/common-fields'
import { attention, gatedFeedForward } from '@fs/arch/common-weights'
import { type ConfigOf, float, integer } from '@fs/arch/fields'
import { rope } from '@fs/arch/rope'
import { localLayers, queryScalar, scalarNotices } from '../attention-fields.ts'
import { leadingFields } from '../common-fields.ts'
import { sandwichLayer } from '../sandwich-layer.ts'
import { embedding, ignoredHead, outputNorm, sandwichNorms } from '../weights.ts'

const fields = {
  ...leadingFields(),
  attentionSoftCap: float({ huggingFace: 'attn_logit_softcapping', gguf: 'attn_logit_softcapping', missing: 50, missingGguf: 50 }),
  outputSoftCap: float({ huggingFace: 'final_logit_softcapping', gguf: 'final_logit_softcapping', missing: 30, missingGguf: 30 }),
  window: integer({ huggingFace: 'sliding_window', gguf: 'attention.sliding_window', missing: 4096, missingGguf: 4096 }),
  rope: rope({ dimensions: headDimensionOfGguf, omitBase: true }),
  vocabularySize: vocabularySize(),
  activation: activation('gelu_pytorch_tanh', ['hidden_activation', 'hidden_act']),
  queryScalar: queryScalar(46),
  local: localLayers(2),
}

function describe(config: ConfigOf<typeof fields>): DecoderSpec {
  const { heads, keyValueHeads, headDimension: size, rope, attentionSoftCap, outputSoftCap } = config
  const norm = offsetRmsNorm(config.epsilon)
  const frame = decoderFrame({ ...config, untied: false })
  return {
    ...frame,
    embedding: { ...plainEmbedding, scale: Math.sqrt(config.hiddenSize) },
    layers: config.local.map((isLocal) =>
      sandwichLayer(norm, {
        attention: attentionSpec({
          heads,
          keyValueHeads,
          headDimension: size,
          scale: config.queryScalar ** -0.5,
          softCap: attentionSoftCap,
          window: isLocal ? config.window : null,
          position: halfSplitRope(size, rope),
        }),
        feedForward: { kind: 'glu', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: false },
      }),
    ),
    outputNorm: norm,
    head: { ...frame.head, softCap: outputSoftCap },
  }
}

export const gemma2 = defineArch({
  id: 'gemma2',
  title: 'Gemma 2',
  ggufArchitecture: 'gemma2',
  huggingFaceArchitectures: ['Gemma2ForCausalLM'],
  modelTypes: ['gemma2'],
  checkpoints: ['google/gemma-2-2b-it', 'google/gemma-2-9b-it', 'google/gemma-2-27b-it'],
  ignored: ignoredHead,
  fields,
  describe,
  weights: () => [embedding(0), outputNorm(), ...attention(), ...sandwichNorms(), ...gatedFeedForward()],
  vocabulary: () => ({ addSpacePrefix: false }),
  notices: (config) => scalarNotices(config, 46),
})
