// What a bundle of a known family says of sampling and of the ends of an answer, where the files of the model say too little or too much.
// The values are those of the reference conversions (litert-community), which were found by trying: see the rows of `llm_metadata` textprotos.
import type { ModelType, SamplerParameters } from '@fs/litertlm/metadata'

export type FamilyPreset = {
  readonly modelType: ModelType
  readonly sampler?: SamplerParameters
  /** Tokens that end an answer, by name; those of the model's files where the vocabulary lacks one. */
  readonly stopTokens?: readonly string[]
}

/** By architecture. */
const PRESETS: { readonly [architecture: string]: FamilyPreset } = {
  qwen3: {
    modelType: 'qwen3',
    sampler: { type: 'top-p', k: 20, p: 0.95, temperature: 0.6, seed: 0 },
    stopTokens: ['<|im_end|>'],
  },
  gemma3: {
    modelType: 'gemma3',
    sampler: { type: 'top-p', k: 1, p: 0.95, temperature: 1, seed: 0 },
    stopTokens: ['<eos>', '<end_of_turn>'],
  },
  qwen2: { modelType: 'qwen2.5' },
}

export function familyPreset(architecture: string): FamilyPreset {
  return Object.hasOwn(PRESETS, architecture) ? PRESETS[architecture]! : { modelType: 'generic' }
}
