// A transposed weight with a scale for each group of its rows and each column: what GPTQ and AWQ store.
import { convertError } from '../../errors.ts'
import { type ComputedTensor, plainTypeOf, type SourceTensor } from '../../source-tensor.ts'

export type GroupScaledParts = {
  readonly name: string
  readonly type: ComputedTensor['type'] | undefined
  /** [inputs, outputs] */
  readonly levels: SourceTensor
  /** [groups, outputs], as the zero points. */
  readonly scales: SourceTensor
  readonly zeros: SourceTensor
  /** [inputs]; without it groups follow one another. */
  readonly groupOfRow: SourceTensor | undefined
  /** Rows of a group, -1 for all in one. */
  readonly groupSize: number
}

/** @throws FsError `convert/quantized-shape` */
export function groupScaled({ name, type, levels, scales, zeros, groupOfRow, groupSize }: GroupScaledParts): ComputedTensor {
  const [inputs, outputs] = [levels.shape[0]!, levels.shape[1]!]
  const groups = scales.shape[0] ?? 0
  const blockRows = groupSize > 0 ? groupSize : inputs
  const fits = scales.shape.length === 2 && scales.shape[1] === outputs && groups === Math.ceil(inputs / blockRows)
  if (!fits || (groupOfRow !== undefined && groupOfRow.shape.join() !== String(inputs))) {
    const named = groupOfRow === undefined ? '' : ` and group indices [${groupOfRow.shape.join(', ')}]`
    throw convertError(
      'convert/quantized-shape',
      `the scales [${scales.shape.join(', ')}]${named} of ${name} do not fit ${inputs} x ${outputs} levels in groups of ${blockRows}; the checkpoint is damaged`,
      { tensor: name },
    )
  }
  return {
    name,
    type: type ?? plainTypeOf(scales),
    shape: [inputs, outputs],
    formula: {
      kind: 'scaled',
      blockRows,
      blockColumns: 1,
      factor: 1,
      shift: 'zeros',
      groups: groupOfRow === undefined ? 'blocks' : 'named-rows',
    },
    operands: [levels, scales, zeros, ...(groupOfRow === undefined ? [] : [groupOfRow])],
  }
}
