// How an answer is chosen, in the engine's words. What is left out stays as the bundle's metadata has it; stop tokens always do, since the
// WebAssembly of 0.17.1 has no `setStopTokenIds`.
import type * as Library from '@litert-lm/core'

export type AnswerOptions = {
  /** Most tokens written. */
  readonly maxTokens?: number
  /** Over the bundle's own sampler; `greedy` is the likeliest token. */
  readonly sampler?: 'greedy' | { readonly temperature: number; readonly topK: number; readonly topP: number; readonly seed: number }
}

export function sessionConfig(library: typeof Library, { maxTokens, sampler }: AnswerOptions): Library.SessionConfig {
  const { SamplerType } = library
  return {
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    ...(sampler === undefined
      ? {}
      : {
          samplerParams:
            sampler === 'greedy'
              ? { type: SamplerType.TOP_P, k: 1, p: 1, temperature: 1, seed: 0 }
              : { type: SamplerType.TOP_P, k: sampler.topK, p: sampler.topP, temperature: sampler.temperature, seed: sampler.seed },
        }),
  }
}
