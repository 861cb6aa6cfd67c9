// Matrices one beside the other: what puts a matrix together again whose columns several files share.
import type { ComputedInput } from '../../plan/conversion-plan.ts'
import { type Columns, matrixOf, type OperandReader } from './operand-reader.ts'

/** Operands have as many rows each; the columns are those of the result. */
export async function sideBySideRows(
  input: ComputedInput,
  start: number,
  count: number,
  columns: Columns,
  read: OperandReader,
): Promise<Float32Array> {
  const width = columns.to - columns.from
  const values = new Float32Array(count * width)
  let left = 0
  for (const operand of input.operands) {
    const { rowLength } = matrixOf(operand.shape)
    const [from, to] = [Math.max(columns.from, left), Math.min(columns.to, left + rowLength)]
    if (from < to) {
      const part = await read.rows(operand, start, count, { from: from - left, to: to - left })
      for (let row = 0; row < count; row++)
        values.set(part.subarray(row * (to - from), (row + 1) * (to - from)), row * width + from - columns.from)
    }
    left += rowLength
  }
  return values
}
