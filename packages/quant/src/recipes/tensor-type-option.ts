// The words people type to name types: `--tensor-type blk\.0\.ffn=q8_0`, `--output-tensor-type q6_k`, the QAT preset.
import { GGML_TYPES, type GgmlType } from '@fs/core'
import { isBlockType } from '../block-types.ts'
import { quantError } from '../errors.ts'
import type { RecipeOptions } from './choose-tensor-types.ts'
import type { FileType } from './file-types.ts'

/**
 * A tensor type in any case, as `--output-tensor-type` and `--token-embedding-type` take it.
 * @throws FsError `recipe/tensor-type` for names that are no type with an encoder.
 */
export function parseTensorType(text: string): GgmlType {
  const upper = text.trim().toUpperCase()
  if (isBlockType(upper) && upper !== 'Q8_K') return upper
  const names = (Object.keys(GGML_TYPES) as GgmlType[]).filter((name) => isBlockType(name) && name !== 'Q8_K').join(', ')
  throw quantError('recipe/tensor-type', `There is no tensor type '${text}' to encode as; choose one of ${names}.`, { name: text })
}

/**
 * One `pattern=type` as `--tensor-type` takes it. The pattern is a regular expression looked for anywhere in a tensor's name; it is lower-cased,
 * as llama-quantize does, since tensor names are.
 * @throws FsError `recipe/tensor-type` when a part is missing, the pattern is no regular expression, or the type is none.
 */
export function parseTensorTypeOption(text: string): { readonly pattern: RegExp; readonly type: GgmlType } {
  const equals = text.indexOf('=')
  const source = text.slice(0, equals).toLowerCase()
  if (equals < 1) {
    throw quantError('recipe/tensor-type', `'${text}' is no tensor type option; write it as pattern=type, such as attn_v=q8_0.`, {
      option: text,
    })
  }
  const type = parseTensorType(text.slice(equals + 1))
  return { pattern: parseTensorTypePattern(source), type }
}

/** @throws FsError `recipe/tensor-type` when the pattern is no regular expression */
export function parseTensorTypePattern(source: string): RegExp {
  try {
    return new RegExp(source)
  } catch (error) {
    const message = `'${source}' is no regular expression; check its brackets and backslashes.`
    throw quantError('recipe/tensor-type', message, { pattern: source }, error)
  }
}

/** The options a whole file of options stands for: the same words, separated by white space. */
export function parseTensorTypeFile(text: string): readonly { readonly pattern: RegExp; readonly type: GgmlType }[] {
  return text.split(/\s+/).filter(Boolean).map(parseTensorTypeOption)
}

/** For models trained with 4-bit quantization in view: Q4_0 throughout, with embeddings and output in Q8_0 (llama.cpp examples/model-conversion). */
export const QAT_Q4_0 = {
  fileType: 'Q4_0',
  options: { tokenEmbeddingType: 'Q8_0', outputTensorType: 'Q8_0' },
} as const satisfies { readonly fileType: FileType; readonly options: RecipeOptions }
