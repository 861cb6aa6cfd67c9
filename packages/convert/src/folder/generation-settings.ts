// How a model is meant to be sampled, and the tokens that begin and end its texts: what generation_config.json holds, from any container.
import type { Json, JsonObject, MetadataValue } from '@fs/core'
import type { SpecialIds } from '@fs/tokenizer'
import type { OpenedModel } from '../open-model.ts'
import { readText } from '../read-text.ts'

/** Sampling settings of a GGUF by the last part of their key (`general.sampling.*`), in transformers' words. */
const SAMPLING_KEYS = {
  top_k: 'top_k',
  top_p: 'top_p',
  min_p: 'min_p',
  temp: 'temperature',
  penalty_repeat: 'repetition_penalty',
} as const satisfies { readonly [gguf: string]: string }

/** Settings that are floats to Python, even 1. */
export const SAMPLING_FLOATS: ReadonlySet<string> = new Set(['top_p', 'min_p', 'temperature', 'repetition_penalty'])

/** Special tokens by transformers' keys: as the checkpoint's config.json has them, else the tokenizer's; several ends of an answer as a list. */
export function tokenIds({ checkpoint }: OpenedModel, special: SpecialIds): JsonObject {
  const ends = [...new Set([special.eos, special.eot, special.eom].filter((id) => id !== undefined))]
  const found = { bos_token_id: special.bos, eos_token_id: ends.length > 1 ? ends : ends[0], pad_token_id: special.pad }
  return Object.fromEntries(
    Object.entries(found).flatMap(([key, id]) => {
      const value: Json | undefined = checkpoint.config?.[key] ?? id
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

/**
 * The checkpoint's generation_config.json, or what a GGUF says of sampling together with the special tokens.
 * @returns undefined for a model that generates nothing
 */
export async function generationSettings(model: OpenedModel, special: SpecialIds): Promise<JsonObject | undefined> {
  const text = await readText(model.checkpoint.folder, 'generation_config.json')
  const stored = text === undefined ? undefined : parsedObject(text)
  if (stored !== undefined) return stored
  if (model.description.spec.kind === 'encoder') return undefined
  const sampling = samplingOf(model.checkpoint.metadata)
  return { ...tokenIds(model, special), ...sampling, ...(Object.keys(sampling).length === 0 ? {} : { do_sample: true }) }
}

/** A broken generation_config.json is passed over, as transformers and llama.cpp do. */
function parsedObject(text: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

function samplingOf(metadata: ReadonlyMap<string, MetadataValue> | undefined): JsonObject {
  const settings: { [key: string]: Json } = {}
  for (const [key, name] of Object.entries(SAMPLING_KEYS)) {
    const entry = metadata?.get(`general.sampling.${key}`)
    if (entry !== undefined && typeof entry.value === 'number') settings[name] = shortDecimal(entry.value)
  }
  return settings
}

/** The decimal a person wrote before it was stored as float32: 0.95, not 0.949999988079071. */
function shortDecimal(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(value.toPrecision(digits))
    if (Math.fround(candidate) === Math.fround(value)) return candidate
  }
  return value
}
