// The file types of llama-quantize: the names people type, the number a file carries in `general.file_type`, the type most tensors get.
// Which tensor gets another type is in `tensor-rules.ts`.
import type { GgmlType } from '@fs/core'
import { quantError } from '../errors.ts'

/** By name. Ids: `enum llama_ftype` (llama.h); default types: `llama_ftype_get_default_type` (llama-quant.cpp, llama.cpp v0.5.0). */
export const FILE_TYPES = {
  F32: { id: 0, defaultType: 'F32' },
  F16: { id: 1, defaultType: 'F16' },
  Q4_0: { id: 2, defaultType: 'Q4_0' },
  Q4_1: { id: 3, defaultType: 'Q4_1' },
  Q8_0: { id: 7, defaultType: 'Q8_0' },
  Q5_0: { id: 8, defaultType: 'Q5_0' },
  Q5_1: { id: 9, defaultType: 'Q5_1' },
  Q2_K: { id: 10, defaultType: 'Q2_K' },
  Q3_K_S: { id: 11, defaultType: 'Q3_K' },
  Q3_K_M: { id: 12, defaultType: 'Q3_K' },
  Q3_K_L: { id: 13, defaultType: 'Q3_K' },
  Q4_K_S: { id: 14, defaultType: 'Q4_K' },
  Q4_K_M: { id: 15, defaultType: 'Q4_K' },
  Q5_K_S: { id: 16, defaultType: 'Q5_K' },
  Q5_K_M: { id: 17, defaultType: 'Q5_K' },
  Q6_K: { id: 18, defaultType: 'Q6_K' },
  IQ2_XXS: { id: 19, defaultType: 'IQ2_XXS' },
  IQ2_XS: { id: 20, defaultType: 'IQ2_XS' },
  Q2_K_S: { id: 21, defaultType: 'Q2_K' },
  IQ3_XS: { id: 22, defaultType: 'IQ3_S' },
  IQ3_XXS: { id: 23, defaultType: 'IQ3_XXS' },
  IQ1_S: { id: 24, defaultType: 'IQ1_S' },
  IQ4_NL: { id: 25, defaultType: 'IQ4_NL' },
  IQ3_S: { id: 26, defaultType: 'IQ3_S' },
  IQ3_M: { id: 27, defaultType: 'IQ3_S' },
  IQ2_S: { id: 28, defaultType: 'IQ2_XS' },
  IQ2_M: { id: 29, defaultType: 'IQ2_S' },
  IQ4_XS: { id: 30, defaultType: 'IQ4_XS' },
  IQ1_M: { id: 31, defaultType: 'IQ1_M' },
  BF16: { id: 32, defaultType: 'BF16' },
  TQ1_0: { id: 36, defaultType: 'TQ1_0' },
  TQ2_0: { id: 37, defaultType: 'TQ2_0' },
  MXFP4_MOE: { id: 38, defaultType: 'MXFP4' },
  Q1_0: { id: 40, defaultType: 'Q1_0' },
  Q2_0: { id: 41, defaultType: 'Q2_0' },
} as const satisfies { readonly [name: string]: { readonly id: number; readonly defaultType: GgmlType } }

export type FileType = keyof typeof FILE_TYPES

/** Short names of the medium mixtures (`QUANT_OPTIONS`, tools/quantize/quantize.cpp). */
const ALIASES = { Q3_K: 'Q3_K_M', Q4_K: 'Q4_K_M', Q5_K: 'Q5_K_M' } as const satisfies { readonly [alias: string]: FileType }

/**
 * The file type a person means by a name in any case, a short name, or an id.
 * @throws FsError `recipe/file-type` with the names there are.
 */
export function parseFileType(text: string): FileType {
  const upper = text.trim().toUpperCase()
  if (isFileType(upper)) return upper
  if (Object.hasOwn(ALIASES, upper)) return ALIASES[upper as keyof typeof ALIASES]
  const byId = fileTypeById(/^\d{1,3}$/.test(upper) ? Number(upper) : -1)
  if (byId !== undefined) return byId
  const names = Object.keys(FILE_TYPES).join(', ')
  throw quantError('recipe/file-type', `There is no file type '${text}'; choose one of ${names}.`, { name: text })
}

/** The file type with this `general.file_type`, or undefined for ids that were removed or are no target of llama-quantize. */
export function fileTypeById(id: number): FileType | undefined {
  return (Object.keys(FILE_TYPES) as FileType[]).find((name) => FILE_TYPES[name].id === id)
}

export function isFileType(name: string): name is FileType {
  return Object.hasOwn(FILE_TYPES, name)
}
