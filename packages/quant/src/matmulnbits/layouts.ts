// How each ggml type fits ONNX Runtime's operator com.microsoft.MatMulNBits without loss of a stored value. The packing is in `repack.ts`.
import type { GgmlType } from '@fs/core'
import { quantError } from '../errors.ts'

export type MatMulNBitsLayout = {
  /** Bits per level. */
  readonly bits: 2 | 4 | 8
  /** Numbers per scale: that of the type, or a part of it where long blocks have no fast kernel. */
  readonly blockSize: 16 | 32 | 64 | 256
  /** What is added to a level to make it unsigned. The operator assumes 2^(bits - 1) unless it is given zero points. */
  readonly zeroPoint: number
}

/**
 * Levels of a type must lie in [-zeroPoint, 2^bits - zeroPoint). Measured with onnxruntime 1.30 on a CPU: uint8 zero points cost nothing, float ones
 * 270 times; 2 bits are fast at blocks of 32 and 64 only, hence 4 bits for Q2_K's blocks of 16 and blocks of 64 for the ternary types.
 * A minimum never becomes a zero point: `MatMulNBitsWeights.minimums` says what to do with it.
 */
export const MATMULNBITS_LAYOUTS = {
  Q4_0: { bits: 4, blockSize: 32, zeroPoint: 8 },
  Q4_1: { bits: 4, blockSize: 32, zeroPoint: 0 },
  Q5_0: { bits: 8, blockSize: 32, zeroPoint: 128 },
  Q5_1: { bits: 8, blockSize: 32, zeroPoint: 128 },
  Q8_0: { bits: 8, blockSize: 32, zeroPoint: 128 },
  Q8_1: { bits: 8, blockSize: 32, zeroPoint: 128 },
  Q2_K: { bits: 4, blockSize: 16, zeroPoint: 8 },
  Q3_K: { bits: 4, blockSize: 16, zeroPoint: 8 },
  Q4_K: { bits: 4, blockSize: 32, zeroPoint: 0 },
  Q5_K: { bits: 8, blockSize: 32, zeroPoint: 128 },
  Q6_K: { bits: 8, blockSize: 16, zeroPoint: 128 },
  Q8_K: { bits: 8, blockSize: 256, zeroPoint: 128 },
  IQ2_XXS: { bits: 8, blockSize: 32, zeroPoint: 128 },
  IQ2_XS: { bits: 8, blockSize: 16, zeroPoint: 128 },
  IQ3_XXS: { bits: 8, blockSize: 32, zeroPoint: 128 },
  IQ1_S: { bits: 8, blockSize: 32, zeroPoint: 128 },
  IQ4_NL: { bits: 8, blockSize: 32, zeroPoint: 128 },
  IQ3_S: { bits: 8, blockSize: 32, zeroPoint: 128 },
  IQ2_S: { bits: 8, blockSize: 16, zeroPoint: 128 },
  IQ4_XS: { bits: 8, blockSize: 32, zeroPoint: 128 },
  IQ1_M: { bits: 8, blockSize: 16, zeroPoint: 128 },
  TQ1_0: { bits: 2, blockSize: 64, zeroPoint: 2 },
  TQ2_0: { bits: 2, blockSize: 64, zeroPoint: 1 },
  MXFP4: { bits: 8, blockSize: 32, zeroPoint: 128 },
  NVFP4: { bits: 8, blockSize: 16, zeroPoint: 128 },
  Q1_0: { bits: 2, blockSize: 64, zeroPoint: 2 },
  Q2_0: { bits: 2, blockSize: 64, zeroPoint: 1 },
} as const satisfies { readonly [Type in GgmlType]?: MatMulNBitsLayout }

export type RepackableType = keyof typeof MATMULNBITS_LAYOUTS

export function isRepackable(type: GgmlType): type is RepackableType {
  return Object.hasOwn(MATMULNBITS_LAYOUTS, type)
}

/** The layout of a type. @throws FsError `quant/not-repackable` for plain numbers, which need no repacking. */
export function matMulNBitsLayout(type: GgmlType): MatMulNBitsLayout {
  if (isRepackable(type)) return MATMULNBITS_LAYOUTS[type]
  throw quantError('quant/not-repackable', `${type} is not a block type; use its numbers as they are in a plain MatMul.`, { type })
}
