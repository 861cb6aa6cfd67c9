// The one table of block types this package can decode and encode. Adding a type is one file in `types/` and one line here.
import type { GgmlType } from '@fs/core'
import type { BlockType } from './block-type.ts'
import { quantError } from './errors.ts'
import { bf16 } from './types/bf16.ts'
import { f16 } from './types/f16.ts'
import { f32 } from './types/f32.ts'
import { q2_k } from './types/q2_k.ts'
import { q3_k } from './types/q3_k.ts'
import { q4_0 } from './types/q4_0.ts'
import { q4_k } from './types/q4_k.ts'
import { q5_k } from './types/q5_k.ts'
import { q6_k } from './types/q6_k.ts'
import { q8_0 } from './types/q8_0.ts'

/** Every registered type, in the order of ggml's ids. Plain integers and F64 are no block types: `@fs/quant/floats` decodes those. */
export const BLOCK_TYPES = {
  F32: f32,
  F16: f16,
  Q4_0: q4_0,
  Q8_0: q8_0,
  Q2_K: q2_k,
  Q3_K: q3_k,
  Q4_K: q4_k,
  Q5_K: q5_k,
  Q6_K: q6_k,
  BF16: bf16,
} as const satisfies { readonly [Type in GgmlType]?: BlockType }

export type BlockTypeName = keyof typeof BLOCK_TYPES

/** Narrows a type name to one this package has the arithmetic of. */
export function isBlockType(name: string): name is BlockTypeName {
  return Object.hasOwn(BLOCK_TYPES, name)
}

/** The arithmetic of a type that can be encoded. @throws FsError `quant/not-encodable` for types ggml cannot encode (Q8_K, integers, F64). */
export function encodableType(type: GgmlType): BlockType & Required<Pick<BlockType, 'quantize'>> {
  const found: BlockType | undefined = isBlockType(type) ? BLOCK_TYPES[type] : undefined
  if (found?.quantize === undefined) {
    throw quantError('quant/not-encodable', `ggml defines no encoder for ${type}; choose another type.`, { type })
  }
  return { ...found, quantize: found.quantize }
}
