// How a model's makers want it decoded: generation_config.json, or the sampling keys of a GGUF. These are defaults; what a user asks
// for goes over them.
import type { Json, JsonObject, MetadataValue } from '@fs/core'
import { type DecodingConfig, GREEDY } from '../config.ts'

export type ModelSettings = {
  readonly config: DecodingConfig
  /** Settings that are there and have no counterpart here, by name. */
  readonly ignored: readonly string[]
}

/** transformers samples from the 50 likeliest when a sampling configuration says nothing of top_k (5.18, GenerationConfig defaults). */
const TRANSFORMERS_TOP_K = 50

/** Keys that change what is written and are not offered here; the rest of the file is about tokens, caches and lengths of other tasks. */
const UNSUPPORTED = [
  'num_beams',
  'penalty_alpha',
  'typical_p',
  'epsilon_cutoff',
  'eta_cutoff',
  'top_h',
  'no_repeat_ngram_size',
  'bad_words_ids',
  'suppress_tokens',
  'begin_suppress_tokens',
  'forced_bos_token_id',
  'forced_eos_token_id',
  'exponential_decay_length_penalty',
  'sequence_bias',
  'guidance_scale',
  'min_length',
  'min_new_tokens',
] as const
/** Values that change nothing. */
const NEUTRAL: { readonly [key: string]: Json } = {
  num_beams: 1,
  typical_p: 1,
  epsilon_cutoff: 0,
  eta_cutoff: 0,
  no_repeat_ngram_size: 0,
  min_length: 0,
  min_new_tokens: 0,
  guidance_scale: 1,
  penalty_alpha: 0,
}

/** Reads generation_config.json. Without `do_sample` it is greedy, as in transformers; numbers out of range are left out and reported. */
export function settingsFromGenerationConfig(config: JsonObject): ModelSettings {
  const ignored: string[] = UNSUPPORTED.filter((key) => config[key] !== undefined && config[key] !== null && config[key] !== NEUTRAL[key])
  const number = reader((key) => config[key], ignored)
  const repetitionPenalty = number('repetition_penalty', (value) => value > 0)
  const maxTokens = number('max_new_tokens', (value) => Number.isSafeInteger(value) && value > 0)
  const common = { ...(repetitionPenalty !== undefined && { repetitionPenalty }), ...(maxTokens !== undefined && { maxTokens }) }
  if (config.do_sample !== true) return { config: { ...GREEDY, ...common }, ignored }
  const topK = number('top_k', (value) => Number.isSafeInteger(value) && value >= 0) ?? TRANSFORMERS_TOP_K
  return {
    config: {
      ...sampling(
        number('temperature', (value) => value >= 0),
        topK,
        number('top_p', isTopP),
        number('min_p', isShare),
      ),
      ...common,
    },
    ignored,
  }
}

/** Reads `general.sampling.*` of a GGUF (llama.cpp's names); greedy when there are none. */
export function settingsFromMetadata(metadata: ReadonlyMap<string, MetadataValue>): ModelSettings {
  const prefix = 'general.sampling.'
  const keys = [...metadata.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
  const read = ['temp', 'top_k', 'top_p', 'min_p', 'penalty_repeat', 'penalty_last_n']
  const ignored = keys.filter((key) => !read.includes(key))
  const number = reader((key) => plainValue(metadata.get(prefix + key)), ignored)
  const repetitionPenalty = number('penalty_repeat', (value) => value > 0)
  const lastTokens = number('penalty_last_n', Number.isSafeInteger)
  const common = {
    ...(repetitionPenalty !== undefined && { repetitionPenalty }),
    // -1 is the whole context.
    ...(lastTokens !== undefined && lastTokens >= 0 && { penaltyWindow: lastTokens }),
  }
  const temperature = number('temp', (value) => value >= 0)
  // 0 and below is all.
  const topK = Math.max(0, number('top_k', Number.isSafeInteger) ?? 0)
  const topP = number('top_p', isTopP)
  const minP = number('min_p', isShare)
  if (temperature === undefined && topK === 0 && topP === undefined && minP === undefined)
    return { config: { ...GREEDY, ...common }, ignored }
  return { config: { ...sampling(temperature, topK, topP, minP), ...common }, ignored }
}

const isTopP = (value: number): boolean => value > 0 && value <= 1
const isShare = (value: number): boolean => value >= 0 && value <= 1

function sampling(temperature: number | undefined, topK: number, topP: number | undefined, minP: number | undefined): DecodingConfig {
  const settings = { ...(temperature !== undefined && { temperature }), topK, ...(minP !== undefined && { minP }) }
  return topP === undefined || topP === 1 ? { strategy: 'sample', ...settings } : { strategy: 'top-p', topP, ...settings }
}

/** Reads numbers by key; what is there and no fitting number is reported. */
function reader(get: (key: string) => unknown, ignored: string[]) {
  return (key: string, fits: (value: number) => boolean): number | undefined => {
    const value = get(key)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'number' && fits(value)) return value
    ignored.push(key)
    return undefined
  }
}

function plainValue(value: MetadataValue | undefined): unknown {
  return typeof value?.value === 'bigint' ? Number(value.value) : value?.value
}
