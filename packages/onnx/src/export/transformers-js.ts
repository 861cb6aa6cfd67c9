// How transformers.js 4 names the files of a model by the type of its weights, and what it reads of them in `config.json`.
// Source: transformers.js src/utils/dtypes.js (DEFAULT_DTYPE_SUFFIX_MAPPING), src/utils/model-loader.js.
import type { JsonObject } from '@fs/core'

/** `dtype` of `from_pretrained`, and the end of the file's name. */
const SUFFIXES = { fp32: '', fp16: '_fp16', q8: '_quantized', q4: '_q4', q4f16: '_q4f16' } as const satisfies {
  readonly [dtype: string]: string
}

export type TransformersJsDtype = keyof typeof SUFFIXES

/** Weights as they lie in a graph, and the type of its activations. */
export type StoredAs = { readonly weights: 'float' | 8 | 4; readonly activations: 'float32' | 'float16' }

/** @returns null where transformers.js has no name: 8-bit weights with activations in halves */
export function transformersJsDtype({ weights, activations }: StoredAs): TransformersJsDtype | null {
  if (weights === 'float') return activations === 'float32' ? 'fp32' : 'fp16'
  if (weights === 4) return activations === 'float32' ? 'q4' : 'q4f16'
  return activations === 'float32' ? 'q8' : null
}

/** `model_q4.onnx`, … */
export function transformersJsFile(dtype: TransformersJsDtype): string {
  return `model${SUFFIXES[dtype]}.onnx`
}

/**
 * `transformers.js_config` of `config.json`: the dtype that is loaded when nobody names one, and how many files of external data each
 * model has.
 */
export function transformersJsConfig(dtype: TransformersJsDtype, files: ReadonlyMap<string, number>): JsonObject {
  return { dtype, use_external_data_format: Object.fromEntries(files) }
}
