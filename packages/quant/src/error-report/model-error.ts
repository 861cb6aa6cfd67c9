// What a whole model lost, from what its tensors lost.
import type { GgmlType, TensorType } from '@fs/core'
import type { TensorError } from './tensor-error.ts'

export type QuantizedTensor = {
  readonly name: string
  /** Outermost dimension first. */
  readonly shape: readonly number[]
  /** How it was stored before; F32 where it had to be computed. */
  readonly from: TensorType
  readonly type: GgmlType
  /** That it takes now. */
  readonly bytes: number
  readonly error: TensorError
}

export type ModelError = {
  readonly elements: number
  readonly bytes: number
  readonly bitsPerWeight: number
  /** Over all weights that could be compared, as one vector. */
  readonly relativeError: number
  /** The tensor with the largest relative error; undefined where nothing was lost. */
  readonly worst?: QuantizedTensor
}

export function modelError(tensors: readonly QuantizedTensor[]): ModelError {
  let [elements, bytes, squaredError, squares] = [0, 0, 0, 0]
  let worst: QuantizedTensor | undefined
  for (const tensor of tensors) {
    const { error } = tensor
    elements += error.elements + error.notFinite
    bytes += tensor.bytes
    squaredError += error.rmse ** 2 * error.elements
    squares += error.rootMeanSquare ** 2 * error.elements
    if (error.relativeError > (worst?.error.relativeError ?? 0)) worst = tensor
  }
  return {
    elements,
    bytes,
    bitsPerWeight: elements === 0 ? 0 : (8 * bytes) / elements,
    relativeError: squaredError === 0 ? 0 : Math.sqrt(squaredError / squares),
    ...(worst === undefined ? {} : { worst }),
  }
}
