// What adapter_config.json says of a PEFT adapter, and which kinds cannot become part of a model's weights.
// Facts: peft/tuners/lora/config.py, peft/utils/other.py (get_pattern_key).
import type { Checkpoint, JsonObject } from '@fs/core'
import { readJsonObject } from '@fs/formats/json'
import { convertError } from '../../errors.ts'

export type AdapterConfig = {
  /** What the product of the two matrices is multiplied by, for a layer and its rank. */
  readonly scaleOf: (layer: string, rank: number) => number
  /** The layers store inputs first (GPT-2's Conv1D), so the product is transposed. */
  readonly transposed: boolean
  readonly trainedOn: string | undefined
}

/** Settings under which the difference to the base model is no product of two matrices, or not of this base model. */
const REFUSED: readonly (readonly [key: string, what: string])[] = [
  ['use_dora', 'DoRA, which scales whole weights'],
  ['lora_bias', 'biases beside its matrices'],
  ['use_qalora', 'QALoRA, which works on groups'],
  ['layer_replication', 'copies of layers'],
  ['alora_invocation_tokens', 'activation by tokens'],
  ['target_parameters', 'parameters without a layer of their own'],
  ['trainable_token_indices', 'single tokens of the embedding'],
]

/** Ways to start training that change the base model too; the adapter then belongs to the changed one. */
const CHANGED_BASE = /^(?:pissa|olora|corda|loftq)/

/** @throws FsError `convert/adapter-kind` */
export async function readAdapterConfig(adapter: Checkpoint): Promise<AdapterConfig> {
  if (!adapter.folder.files.has('adapter_config.json'))
    throw refuse(adapter, 'has no adapter_config.json; point at the folder PEFT saved the adapter to')
  const config = await readJsonObject(adapter.folder, 'adapter_config.json')
  const kind = typeof config.peft_type === 'string' ? config.peft_type : 'of an unnamed kind'
  if (kind.toUpperCase() !== 'LORA') throw refuse(adapter, `is ${kind}, not LoRA; merge it with the library it was made with`)
  const found = REFUSED.find(([key]) => isSet(config[key]))
  if (found !== undefined) throw refuse(adapter, `has ${found[1]} (${found[0]}); merge it with PEFT`)
  const start = config.init_lora_weights
  if (typeof start === 'string' && CHANGED_BASE.test(start))
    throw refuse(adapter, `started from weights changed by ${start}, so it does not fit the base model; convert it with PEFT first`)
  const alphas = patterns(config.alpha_pattern, adapter)
  const alpha = number(config.lora_alpha, 8, 'lora_alpha', adapter)
  return {
    scaleOf: (layer, rank) =>
      (alphas.find(([name]) => names(name, layer))?.[1] ?? alpha) / (config.use_rslora === true ? Math.sqrt(rank) : rank),
    transposed: config.fan_in_fan_out === true,
    trainedOn: typeof config.base_model_name_or_path === 'string' ? config.base_model_name_or_path : undefined,
  }
}

function isSet(value: JsonObject[string] | undefined): boolean {
  if (value === undefined || value === null || value === false) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}

/** PEFT matches keys as regular expressions at the end of a layer's name; what it writes itself are names. */
function patterns(value: JsonObject[string] | undefined, adapter: Checkpoint): readonly (readonly [name: string, alpha: number])[] {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) return []
  return Object.entries(value).map(([key, alpha]) => {
    const name = key.replace(/^\^/, '').replaceAll('\\.', '.')
    if (/[\\^$*+?()[\]{}|]/.test(name))
      throw refuse(adapter, `has the pattern ${key} in alpha_pattern, where names are read; merge it with PEFT`)
    return [name, number(alpha, 8, `alpha_pattern of ${key}`, adapter)]
  })
}

const names = (name: string, layer: string): boolean => layer === name || layer.endsWith(`.${name}`)

function number(value: JsonObject[string] | undefined, missing: number, key: string, adapter: Checkpoint): number {
  if (value === undefined) return missing
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw refuse(adapter, `has ${JSON.stringify(value)} for ${key}, where a number is needed`)
}

/** @param why completes a sentence that begins with "the adapter NAME" */
export function refuse(adapter: Checkpoint, why: string) {
  return convertError('convert/adapter-kind', `the adapter ${adapter.name} ${why}`, { adapter: adapter.name })
}
