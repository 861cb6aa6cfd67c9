// The types a file of before GGUF may be written as, and the numbers and names they go by.
// Facts: `ggml_ftype` of ggml.h, spring 2023; llm_rs/auto.py and crates/ggml/src/format/saver.rs of rustformers/llm.
import type { GgmlType } from '@fs/core'
import { convertError } from '../errors.ts'

export type GgmlFileType = {
  readonly type: Extract<GgmlType, 'F32' | 'F16' | 'Q4_0' | 'Q4_1' | 'Q5_0' | 'Q5_1' | 'Q8_0'>
  /** `ftype` without the version of the blocks. */
  readonly id: number
  /** Row lengths the loaders of the time accept. */
  readonly rowMultiple: number
}

const FILE_TYPES = {
  F32: { type: 'F32', id: 0, rowMultiple: 1 },
  F16: { type: 'F16', id: 1, rowMultiple: 1 },
  Q4_0: { type: 'Q4_0', id: 2, rowMultiple: 64 },
  Q4_1: { type: 'Q4_1', id: 3, rowMultiple: 64 },
  Q8_0: { type: 'Q8_0', id: 7, rowMultiple: 32 },
  Q5_0: { type: 'Q5_0', id: 8, rowMultiple: 32 },
  Q5_1: { type: 'Q5_1', id: 9, rowMultiple: 32 },
} as const satisfies { readonly [name: string]: GgmlFileType }

/** `GGML_QNT_VERSION` times `GGML_QNT_VERSION_FACTOR`: blocks as they are since May 2023. */
const BLOCK_VERSION = 2000

/** @param quant any case; `auto` is float16, as llm-rs writes. @throws FsError `convert/unknown-type` */
export function ggmlFileType(quant: string): GgmlFileType {
  const name = quant.toUpperCase() === 'AUTO' ? 'F16' : quant.toUpperCase()
  if (Object.hasOwn(FILE_TYPES, name)) return FILE_TYPES[name as keyof typeof FILE_TYPES]
  const known = Object.keys(FILE_TYPES).join(', ').toLowerCase()
  throw convertError('convert/unknown-type', `--quant ${quant}: files of before GGUF have ${known}`, { type: quant })
}

export const isQuantized = ({ id }: GgmlFileType): boolean => id > 1

export const ftypeOf = (file: GgmlFileType): number => (isQuantized(file) ? BLOCK_VERSION + file.id : file.id)
