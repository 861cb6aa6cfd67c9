// Levels with scales whose shapes say how they belong together: one scale for all, for each row, for each group of a row, or for each block.
import { elementCount } from '@fs/core'
import { convertError } from '../errors.ts'
import { type ComputedTensor, isComputed, plainTypeOf, type SourceTensor } from '../source-tensor.ts'

export type ScaledParts = {
  /** [rows, columns], of any type whose numbers are the levels. */
  readonly weight: SourceTensor
  /** A scalar, a vector of the rows, or a matrix whose places are blocks of the weight.  */
  readonly scales: SourceTensor
  /** Zero points in the shape of the scales. */
  readonly zeros?: SourceTensor | undefined
  /** Added after scaling, in the shape of the scales; instead of zero points. */
  readonly biases?: SourceTensor | undefined
  /** Block of the weight for each scale, where it does not follow from the shapes. */
  readonly block?: readonly [rows: number, columns: number] | undefined
  readonly factor?: number
  /** The plain type the weight had; else that of its scales. */
  readonly type?: ComputedTensor['type'] | undefined
}

/** @throws FsError `convert/quantized-shape` */
export function scaledByShape({ weight, scales, zeros, biases, block, factor = 1, type }: ScaledParts): ComputedTensor {
  const [rows, columns] = [weight.shape[0] ?? 0, weight.shape[1] ?? 0]
  const places = placesOf(scales.shape)
  const [blockRows, blockColumns] = block ?? [rows / places[0], columns / places[1]]
  const whole = Number.isInteger(blockRows) && Number.isInteger(blockColumns) && blockRows > 0 && blockColumns > 0
  const covers = whole && Math.ceil(rows / blockRows) === places[0] && Math.ceil(columns / blockColumns) === places[1]
  const shift = zeros ?? biases
  const shiftFits = shift === undefined || placesOf(shift.shape).join() === places.join()
  if (weight.shape.length !== 2 || !covers || !shiftFits) {
    const parts = [weight, scales, ...(shift === undefined ? [] : [shift])].map(({ name, shape }) => `${name} [${shape.join(', ')}]`)
    throw convertError(
      'convert/quantized-shape',
      `the shapes of ${parts.join(' and ')} do not belong together; the checkpoint is damaged`,
      {
        tensor: weight.name,
      },
    )
  }
  return {
    name: weight.name,
    type: type ?? plainTypeOf(scales),
    shape: weight.shape,
    formula: {
      kind: 'scaled',
      blockRows,
      blockColumns,
      factor,
      shift: zeros !== undefined ? 'zeros' : biases !== undefined ? 'biases' : 'none',
      groups: 'blocks',
    },
    operands: [weight, reshaped(scales, places), ...(shift === undefined ? [] : [reshaped(shift, places)])],
  }
}

/** The same numbers in another shape. @throws FsError `convert/quantized-shape` for a view, whose strides would not fit, and for another count */
export function reshaped(tensor: SourceTensor, shape: readonly number[]): SourceTensor {
  if (tensor.shape.join() === shape.join()) return tensor
  const view = !isComputed(tensor) && tensor.strides !== undefined
  if (!view && elementCount(tensor.shape) === elementCount(shape)) return { ...tensor, shape }
  throw convertError(
    'convert/quantized-shape',
    `tensor ${tensor.name} has shape [${tensor.shape.join(', ')}] and cannot be read as [${shape.join(', ')}]; the checkpoint is damaged`,
    { tensor: tensor.name },
  )
}

/** Rows and columns of scales; dimensions of one behind them are a habit of some writers. */
function placesOf(shape: readonly number[]): readonly [rows: number, columns: number] {
  const [rows = 1, columns = 1, ...rest] = shape
  return rest.every((dimension) => dimension === 1) ? [rows, columns] : [0, 0]
}
