// Gemma 3, text: Gemma 2 with norms on queries and keys instead of soft caps, five local layers to one global, and two rope bases.
// Facts: transformers modeling_gemma3.py; llama.cpp conversion/gemma.py and src/models/gemma3.cpp.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { decoderFrame, offsetRmsNorm, plainEmbedding } from '@fs/arch/common-decoder'
import { patternNotices, scalarNotices } from '../attention-fields.ts'
import { ignoredHead } from '../weights.ts'
import { type Gemma3Config, gemma3Fields, LARGEST, PATTERN } from './fields.ts'
import { gemma3Layers, gemma3Weights } from './layers.ts'

function describe(config: Gemma3Config): DecoderSpec {
  const frame = decoderFrame({ ...config, untied: false })
  return {
    ...frame,
    embedding: { ...plainEmbedding, scale: Math.sqrt(config.hiddenSize) },
    layers: gemma3Layers(config, { causal: true, window: config.window }),
    outputNorm: offsetRmsNorm(config.epsilon),
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
  fields: gemma3Fields,
  describe,
  weights: (config) => gemma3Weights(config.paddingRows),
  vocabulary: () => ({ addSpacePrefix: false }),
  notices: (config) => [...scalarNotices(config, LARGEST), ...patternNotices(config.local, PATTERN)],
})
