// Gemma 3, text: Gemma 2 with norms on queries and keys instead of soft caps, five local layers to one global, and two rope bases.
// Facts: transformers modeling_gemma3.py; llama.cpp conversion/gemma.py and src/models/gemma3.cpp.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, offsetRmsNorm, plainEmbedding } from '@fs/arch/common-decoder'
import { activationNamed } from '@fs/arch/common-fields'
import { attention, gatedFeedForward } from '@fs/arch/common-weights'
import { patternNotices, scalarNotices } from '../attention-fields.ts'
import { embedding, ignoredHead, offsetNorm, outputNorm, sandwichNorms } from '../weights.ts'
import { type Gemma3Config, gemma3Fields } from './fields.ts'

const PATTERN = 6

function describe(config: Gemma3Config): DecoderSpec {
  const { heads, keyValueHeads, headDimension: size, rope } = config
  const norm = offsetRmsNorm(config.epsilon)
  const frame = decoderFrame({ ...config, untied: false })
  return {
    ...frame,
    embedding: { ...plainEmbedding, scale: Math.sqrt(config.hiddenSize) },
    layers: config.local.map((isLocal) => ({
      kind: 'sequential',
      attentionNorm: norm,
      attentionPostNorm: norm,
      feedForwardNorm: norm,
      feedForwardPostNorm: norm,
      attention: attentionSpec({
        heads,
        keyValueHeads,
        headDimension: size,
        scale: config.queryScalar ** -0.5,
        window: isLocal ? config.window : null,
        queryKeyNorm: { norm, over: 'head' },
        // Only global layers are stretched; local ones keep their own base unscaled (transformers, rope_local_base_freq).
        position: isLocal
          ? { kind: 'rope', dimensions: size, base: rope.slidingBase ?? 10000, pairing: 'half-split', scaling: { kind: 'none' } }
          : { kind: 'rope', dimensions: size, base: rope.base, pairing: 'half-split', scaling: rope.scaling },
      }),
      feedForward: { kind: 'glu', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: false },
    })),
    outputNorm: norm,
    head: { ...frame.head, softCap: config.outputSoftCap },
  }
}

export const gemma3 = defineArch({
  id: 'gemma3',
  title: 'Gemma 3',
  ggufArchitecture: 'gemma3',
  huggingFaceArchitectures: ['Gemma3ForCausalLM', 'Gemma3ForConditionalGeneration'],
  modelTypes: ['gemma3_text', 'gemma3'],
  checkpoints: ['google/gemma-3-270m', 'google/gemma-3-270m-it', 'google/gemma-3-1b-it', 'google/gemma-3-4b-it'],
  // The multimodal checkpoints hold the text model under one more name.
  aliases: [
    [/^language_model\.model\./, 'model.'],
    [/^model\.language_model\./, 'model.'],
    [/^language_model\./, ''],
  ],
  ignored: [...ignoredHead, /^(language_model\.)?lm_head\.weight$/],
  leftOut: [
    { tensors: /(^|\.)(vision_tower|multi_modal_projector)\./, what: 'the image encoder and its projection; the result reads text only' },
  ],
  readsTokenizerSize: true,
  fields: gemma3Fields(PATTERN),
  describe,
  weights: (config) => [
    embedding(config.paddingRows),
    outputNorm(),
    ...attention(),
    offsetNorm('layers.{i}.attention.query_norm', 'model.layers.{i}.self_attn.q_norm', 'blk.{i}.attn_q_norm'),
    offsetNorm('layers.{i}.attention.key_norm', 'model.layers.{i}.self_attn.k_norm', 'blk.{i}.attn_k_norm'),
    ...sandwichNorms(),
    ...gatedFeedForward(),
  ],
  vocabulary: () => ({ addSpacePrefix: false }),
  notices: (config) => [...scalarNotices(config, 62), ...patternNotices(config.local, PATTERN)],
})
