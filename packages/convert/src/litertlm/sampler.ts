// A model's own decoding settings in the words of a bundle's sampler, and which of them it has no words for.
import type { DecodingConfig } from '@fs/decode'
import type { SamplerParameters } from '@fs/litertlm/metadata'

/** The likeliest token: the engine's top-p sampler has a greedy case, and its greedy type is younger than most engines. */
const GREEDY_SAMPLER: SamplerParameters = { type: 'top-p', k: 1, p: 1, temperature: 1, seed: 0 }

/** @returns settings that were there and are lost, by name */
export function samplerOf(
  config: DecodingConfig,
  vocabularySize: number,
): { readonly sampler: SamplerParameters; readonly lost: readonly string[] } {
  const lost = (['minP', 'repetitionPenalty'] as const).filter((name) => {
    const value = name === 'minP' ? (config.strategy === 'greedy' ? undefined : config.minP) : config.repetitionPenalty
    return value !== undefined && value !== (name === 'minP' ? 0 : 1)
  })
  if (config.strategy === 'greedy' || config.temperature === 0) return { sampler: GREEDY_SAMPLER, lost }
  const { topK = 0, temperature = 1 } = config
  const p = config.strategy === 'top-p' ? (config.topP ?? 0.9) : 1
  return { sampler: { type: 'top-p', k: topK === 0 ? vocabularySize : topK, p, temperature, seed: 0 }, lost }
}
