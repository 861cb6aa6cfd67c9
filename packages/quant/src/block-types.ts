// The one table of block types this package can decode and encode. Adding a type is one file in `types/` and one line here.
import type { GgmlType } from '@fs/core'
import type { BlockType } from './block-type.ts'
import { quantError } from './errors.ts'
import { bf16 } from './types/bf16.ts'
import { f16 } from './types/f16.ts'
import { f32 } from './types/f32.ts'
import { iq1_m } from './types/iq1_m.ts'
import { iq1_s } from './types/iq1_s.ts'
import { iq2_s } from './types/iq2_s.ts'
import { iq2_xs } from './types/iq2_xs.ts'
import { iq2_xxs } from './types/iq2_xxs.ts'
import { iq3_s } from './types/iq3_s.ts'
import { iq3_xxs } from './types/iq3_xxs.ts'
import { iq4_nl } from './types/iq4_nl.ts'
import { iq4_xs } from './types/iq4_xs.ts'
import { mxfp4 } from './types/mxfp4.ts'
import { nvfp4 } from './types/nvfp4.ts'
import { q1_0 } from './types/q1_0.ts'
import { q2_0 } from './types/q2_0.ts'
import { q2_k } from './types/q2_k.ts'
import { q3_k } from './types/q3_k.ts'
import { q4_0 } from './types/q4_0.ts'
import { q4_1 } from './types/q4_1.ts'
import { q4_k } from './types/q4_k.ts'
import { q5_0 } from './types/q5_0.ts'
import { q5_1 } from './types/q5_1.ts'
import { q5_k } from './types/q5_k.ts'
import { q6_k } from './types/q6_k.ts'
import { q8_0 } from './types/q8_0.ts'
import { q8_1 } from './types/q8_1.ts'
import { q8_k } from './types/q8_k.ts'
import { tq1_0 } from './types/tq1_0.ts'
import { tq2_0 } from './types/tq2_0.ts'

/** Every registered type, in the order of ggml's ids. Plain integers and F64 are no block types: `@fs/quant/floats` decodes those. */
export const BLOCK_TYPES = {
  F32: f32,
  F16: f16,
  Q4_0: q4_0,
  Q4_1: q4_1,
  Q5_0: q5_0,
  Q5_1: q5_1,
  Q8_0: q8_0,
  Q8_1: q8_1,
  Q2_K: q2_k,
  Q3_K: q3_k,
  Q4_K: q4_k,
  Q5_K: q5_k,
  Q6_K: q6_k,
  Q8_K: q8_k,
  IQ2_XXS: iq2_xxs,
  IQ2_XS: iq2_xs,
  IQ3_XXS: iq3_xxs,
  IQ1_S: iq1_s,
  IQ4_NL: iq4_nl,
  IQ3_S: iq3_s,
  IQ2_S: iq2_s,
  IQ4_XS: iq4_xs,
  IQ1_M: iq1_m,
  BF16: bf16,
  TQ1_0: tq1_0,
  TQ2_0: tq2_0,
  MXFP4: mxfp4,
  NVFP4: nvfp4,
  Q1_0: q1_0,
  Q2_0: q2_0,
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
