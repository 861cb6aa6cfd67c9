// A matrix with a low-rank product added, as a computed tensor. Where such products come from is for others to say.
import { convertError } from '../errors.ts'
import { plainTypeOf, type SourceTensor } from '../source-tensor.ts'

/**
 * base + scale * (up · down).
 * @param up [rows of the base, rank]
 * @param down [rank, columns of the base]
 * @throws FsError `convert/low-rank-shape`
 */
export function lowRankSum(base: SourceTensor, up: SourceTensor, down: SourceTensor, scale: number): SourceTensor {
  const [rows, columns] = [base.shape[0], base.shape[1]]
  const fits = base.shape.length === 2 && up.shape.length === 2 && down.shape.length === 2 && down.shape[0]! > 0
  if (!fits || up.shape[0] !== rows || down.shape[1] !== columns || up.shape[1] !== down.shape[0]) {
    const shapes = [base, up, down].map(({ shape }) => `[${shape.join(', ')}]`)
    throw convertError(
      'convert/low-rank-shape',
      `the adapter of ${base.name} does not fit: ${shapes[1]} times ${shapes[2]} is not ${shapes[0]}; it was made for another model`,
      { tensor: base.name, adapter: up.name },
    )
  }
  return {
    name: base.name,
    type: plainTypeOf(base),
    shape: base.shape,
    formula: { kind: 'low-rank-sum', scale },
    operands: [base, up, down],
  }
}
