// What a checkpoint says about how another tool quantized it, before anyone mistakes its tensors for plain ones.
// How each method is undone is in the files beside.
import type { Checkpoint, Json, JsonObject } from '@fs/core'
import { readJsonObject } from '@fs/formats/json'
import { convertError } from '../../errors.ts'
import { frontMatterOf } from '../../general-metadata/model-card.ts'
import { readText } from '../../read-text.ts'
import type { ComputedTensor } from '../../source-tensor.ts'

export type Declared = { readonly method: string; readonly settings: JsonObject }

/** Reads `quantization_config` (transformers), `compression_config` (compressed-tensors) and `quantization` (MLX) of config.json. */
export function declaredQuantization(config: JsonObject): Declared | undefined {
  const settings = [config.quantization_config, config.compression_config, config.quantization].find(isObject)
  if (settings === undefined) return undefined
  const named = settings.quant_method ?? settings.quantization_method ?? settings.quant_type
  if (typeof named === 'string') return { method: named.toLowerCase(), settings }
  if (settings.load_in_4bit === true || settings.load_in_8bit === true) return { method: 'bitsandbytes', settings }
  // MLX writes its settings under both names, without a method.
  const isMlx = typeof settings.group_size === 'number' && typeof settings.bits === 'number'
  return { method: isMlx ? 'mlx' : 'an unnamed method', settings }
}

/** Files in which tools kept their settings before config.json had a place for them, and a part only their tensors have. */
const SETTINGS_FILES = [
  { file: 'quantize_config.json', method: 'gptq', part: '.qweight' },
  { file: 'quant_config.json', method: 'awq', part: '.qweight' },
  { file: 'hf_quant_config.json', method: 'modelopt', part: '.weight_scale' },
] as const

/** The same from the files of before, where the tensors say that one of them holds. */
export async function quantizationBeside({ folder, tensors }: Checkpoint): Promise<Declared | undefined> {
  const names = [...tensors.tensors.keys()]
  const found = SETTINGS_FILES.find(({ file, part }) => folder.files.has(file) && names.some((name) => name.endsWith(part)))
  if (found === undefined) return undefined
  const settings = await readJsonObject(folder, found.file)
  return { method: found.method, settings: isObject(settings.quantization) ? settings.quantization : settings }
}

/** The configuration of the model that the tensors make once they are whole again. */
export function withoutQuantization(config: JsonObject): JsonObject {
  const { quantization_config: _1, compression_config: _2, quantization: _3, ...rest } = config
  return rest
}

/** The plain type the weights had, as config.json states it. */
export function statedType(config: JsonObject): ComputedTensor['type'] | undefined {
  const text = isObject(config.text_config) ? config.text_config : {}
  const stated = config.dtype ?? config.torch_dtype ?? text.dtype ?? text.torch_dtype
  return ({ float16: 'F16', bfloat16: 'BF16', float32: 'F32' } as const)[String(stated) as 'float16']
}

/** An error that says why a quantized checkpoint is not read, and what to convert instead. */
export async function refusal(checkpoint: Checkpoint, method: string, why: string) {
  const base = await baseModel(checkpoint)
  const instead = base === undefined ? 'the model it was made from' : `the model it was made from, ${base}`
  return convertError('convert/quantized-source', `${checkpoint.name} is quantized already (${method}) ${why}; convert ${instead}`, {
    file: checkpoint.name,
    method,
    ...(base === undefined ? {} : { base }),
  })
}

/** From the model card's front matter, else from `_name_or_path`; a path on somebody's disk names nothing. */
async function baseModel({ folder, config }: Checkpoint): Promise<string | undefined> {
  const card = frontMatterOf((await readText(folder, 'README.md')) ?? '')
  const declared = card?.base_model
  const candidates: readonly (Json | undefined)[] = [...(Array.isArray(declared) ? declared : [declared]), config?._name_or_path]
  return candidates.find((name): name is string => typeof name === 'string' && /^[\w.-]+\/[\w.-]+$/.test(name))
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
