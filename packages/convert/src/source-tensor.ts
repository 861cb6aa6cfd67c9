// What a model's tensors are before anything is planned: stored in a file, or to be computed from stored ones.
// Names and layouts of architectures are not known here.
import { type Transform, transformShapes } from '@fs/arch/transforms'
import type { TensorInfo } from '@fs/core'
import type { Formula } from './plan/formula.ts'

/** A tensor that is computed row by row when it is written. */
export type ComputedTensor = {
  readonly name: string
  /** The plain type that keeps what it says: that of the weights before they were quantized. Its rows are float32 when computed. */
  readonly type: 'F32' | 'F16' | 'BF16'
  readonly shape: readonly number[]
  readonly formula: Formula
  readonly operands: readonly SourceTensor[]
}

export type SourceTensor = TensorInfo | ComputedTensor

/** A tensor and the transforms that bring it to the layout its name promises. */
export type ModelTensor = { readonly tensor: SourceTensor; readonly chain: readonly Transform[] }

export function isComputed(tensor: SourceTensor): tensor is ComputedTensor {
  return 'formula' in tensor
}

/** The shape a tensor has in the layout its name promises. @throws FsError `arch/transform-shape` when the chain cannot take the tensor */
export function shapeOf({ tensor, chain }: ModelTensor): readonly number[] {
  let shapes: readonly (readonly number[])[] = [tensor.shape]
  for (const transform of chain) shapes = transformShapes(transform, shapes)
  return shapes[0]!
}

/** The tensor alone, in the layout its name promises: what a formula can take as an operand. */
export function inItsLayout(stored: ModelTensor): SourceTensor {
  const { tensor, chain } = stored
  if (chain.length === 0) return tensor
  return {
    name: tensor.name,
    type: plainTypeOf(tensor),
    shape: shapeOf(stored),
    formula: { kind: 'rearranged', chain },
    operands: [tensor],
  }
}

/** The plain type closest to how a tensor is stored. */
export function plainTypeOf({ type }: SourceTensor): ComputedTensor['type'] {
  return type === 'F16' || type === 'BF16' ? type : 'F32'
}
