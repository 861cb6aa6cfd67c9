// How each ggml type fits ONNX Runtime's operator com.microsoft.MatMulNBits: weight = scale * (integer - zero point) + addend, with the zero
// point the operator assumes. The packing is in `repack.ts`, the arithmetic of the types in `../types`.
import type { GgmlType, TensorType } from '@fs/core'
import { BLOCK_TYPES, type BlockTypeName } from '../block-types.ts'

export type MatMulNBitsFormat = {
  /** 2^(bits - 1) is subtracted from each stored integer. */
  readonly bits: 4 | 8
  readonly blockSize: 16 | 32 | 64 | 128 | 256
  /** Whether each block also has a number that is added to all its weights. */
  readonly minimums: boolean
}

/** Bits that hold a type's levels once `middle` is subtracted from them: half their range where they are not around zero. */
type LevelRange = { readonly bits: 4 | 8; readonly middle: number }

const SMALL = { bits: 4, middle: 0 } as const
const WIDE = { bits: 8, middle: 0 } as const

/**
 * Levels as `BlockType.decompose` gives them. Two bits would hold the ternary types', but ONNX Runtime's kernels for two bits are slow outside
 * blocks of 32 and 64 (measured, 1.30); subtracting the middle keeps the products of integers, and what rounding them costs, small.
 */
const LEVEL_RANGES = {
  Q4_0: SMALL,
  Q4_1: { bits: 4, middle: 8 },
  Q5_0: WIDE,
  Q5_1: { bits: 8, middle: 16 },
  Q8_0: WIDE,
  Q8_1: WIDE,
  Q2_K: { bits: 4, middle: 1 },
  Q3_K: SMALL,
  Q4_K: { bits: 4, middle: 8 },
  Q5_K: { bits: 8, middle: 16 },
  Q6_K: WIDE,
  Q8_K: WIDE,
  IQ2_XXS: WIDE,
  IQ2_XS: WIDE,
  IQ3_XXS: WIDE,
  IQ1_S: WIDE,
  IQ4_NL: WIDE,
  IQ3_S: WIDE,
  IQ2_S: WIDE,
  IQ4_XS: WIDE,
  IQ1_M: WIDE,
  TQ1_0: SMALL,
  TQ2_0: SMALL,
  MXFP4: WIDE,
  NVFP4: WIDE,
  Q1_0: SMALL,
  Q2_0: SMALL,
} as const satisfies { readonly [Type in GgmlType]?: LevelRange }

export type RepackableType = keyof typeof LEVEL_RANGES & BlockTypeName

/** MatMulNBits subtracts this from every stored integer when it is given no zero points. */
export const ZERO_POINTS = { 4: 8, 8: 128 } as const

/** Block lengths the operator takes. */
const BLOCK_SIZES = [16, 32, 64, 128, 256] as const

export function isRepackable(type: TensorType): type is RepackableType {
  return Object.hasOwn(LEVEL_RANGES, type) && Object.hasOwn(BLOCK_TYPES, type)
}

/** What is subtracted from a type's levels before they are stored around the zero point. */
export function middleLevel(type: RepackableType): number {
  return LEVEL_RANGES[type].middle
}

/** The format that keeps a type's stored values; null for plain numbers, which have no blocks. */
export function matMulNBitsFormat(type: TensorType): MatMulNBitsFormat | null {
  if (!isRepackable(type)) return null
  const { groupSize, hasMinimums } = BLOCK_TYPES[type]
  // Groups longer than the operator's blocks would be cut; none is today.
  const blockSize = BLOCK_SIZES.findLast((size) => size <= (groupSize ?? 0))
  if (blockSize === undefined || blockSize !== groupSize) return null
  return { bits: LEVEL_RANGES[type].bits, blockSize, minimums: hasMinimums }
}
