// How much a weight may lose to its type. Bounds, not estimates: what lies above one is damage, what lies below may still be.
import { GGML_TYPES, isGgmlType, type TensorType } from '@fs/core'

/** Relative squared error of rounding; on a normal distribution F16 loses 4e-8 and BF16 3e-6. F32 leaves room for norms stored plus one. */
const FLOAT_ERRORS: { readonly [type: string]: number } = { F64: 1e-9, F32: 1e-9, F16: 1e-6, BF16: 1e-5 }

/** With two bits or less a block keeps little but signs; a wrong matrix is at about 2. */
const MOST = 0.9

/** Of 4^-bits: every type of ggml loses 2 to 5 times that of a normal distribution's variance, the ternary ones up to 12 (measured). */
const ROOM = 12

/**
 * @returns the largest relative squared error that two types of the same weight explain: none for one type on both sides, since a copy loses
 * nothing; else what the coarser one may lose
 */
export function expectedError(reference: TensorType, candidate: TensorType): number {
  // Float32 may also be computed: transposed, or a norm with its offset taken off.
  if (reference === candidate && reference !== 'F32') return 0
  return Math.max(errorOf(reference), errorOf(candidate))
}

function errorOf(type: TensorType): number {
  const float = FLOAT_ERRORS[type]
  if (float !== undefined) return float
  if (!isGgmlType(type)) return FLOAT_ERRORS.F32!
  const { blockBytes, blockSize } = GGML_TYPES[type]
  return Math.min(MOST, ROOM * 4 ** -((8 * blockBytes) / blockSize))
}
