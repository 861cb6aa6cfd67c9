// Mistral: Llama with a sliding window in its first version. GGUF stores it as `llama`, which has no word for the window.
// Facts: transformers modeling_mistral.py, configuration_mistral.py; llama.cpp conversion/llama.py.
import { defineArch } from '@fs/arch'
import { contextLength } from '@fs/arch/common-fields'
import { embeddingAndHead, gatedFeedForward, interleavedAttention, preNorms } from '@fs/arch/common-weights'
import { observed } from '@fs/arch/fields'
import { llamaDecoder } from '../llama/decoder.ts'
import { llamaFields } from '../llama/fields.ts'
import { llamaAliases } from '../llama/names.ts'
import { llamaRopeFactors } from '../llama/rope-factors.ts'

/** Null where the configuration has `"sliding_window": null`; 4096 where it does not mention it, as transformers assumes. */
const slidingWindow = () =>
  observed<number | null>({
    fromHuggingFace: (view) => (view.raw.sliding_window === null ? null : (view.integer('sliding_window') ?? 4096)),
    fromGguf: () => null,
    toHuggingFace: (sliding_window) => ({ sliding_window }),
  })

export const mistral = defineArch({
  id: 'mistral',
  title: 'Mistral',
  ggufArchitecture: 'llama',
  huggingFaceArchitectures: ['MistralForCausalLM'],
  modelTypes: ['mistral'],
  checkpoints: ['mistralai/Mistral-7B-Instruct-v0.3', 'mistralai/Mistral-7B-v0.1', 'mistralai/Mistral-Nemo-Instruct-2407'],
  matchesGguf: () => false,
  aliases: llamaAliases,
  fields: { ...llamaFields(), contextLength: contextLength(131072), slidingWindow: slidingWindow() },
  describe: (config) => llamaDecoder(config, config.slidingWindow),
  weights: (config) => [
    ...embeddingAndHead(),
    ...interleavedAttention(config.heads, config.keyValueHeads),
    ...preNorms(),
    ...gatedFeedForward(),
  ],
  derivedTensors: llamaRopeFactors,
  vocabulary: () => ({ preferredPre: 'tekken', spacePrefixFromTokenizerConfig: true }),
  notices: ({ slidingWindow: window, contextLength: context }) =>
    window === null || window >= context
      ? []
      : [
          {
            code: 'gguf/sliding-window',
            message: `the model attends to the last ${window} tokens only, which GGUF's llama cannot say: llama.cpp's answers differ from the original's on prompts longer than ${window} tokens`,
          },
        ],
})
