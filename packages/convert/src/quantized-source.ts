// Recognises checkpoints whose weights were quantized by another tool, before anyone mistakes their tensors for plain ones.
import type { JsonObject } from '@fs/core'

/** How a checkpoint was quantized, and where its original may be found (a clause to append to a sentence). */
export type SourceQuantization = { readonly method: string; readonly base: string }

/** Reads `quantization_config` (transformers, compressed-tensors) and `quantization` (MLX) of config.json. */
export function quantizationOf(config: JsonObject): SourceQuantization | undefined {
  const declared = config.quantization_config ?? config.compression_config ?? config.quantization
  if (declared === null || typeof declared !== 'object' || Array.isArray(declared)) return undefined
  const settings = declared as JsonObject
  const method =
    settings.quant_method ??
    settings.quantization_method ??
    settings.quant_type ??
    (config.quantization === declared ? 'mlx' : 'unnamed method')
  const path = config._name_or_path
  return { method: String(method), base: typeof path === 'string' && path.length > 0 ? ` (config.json names ${path})` : '' }
}
