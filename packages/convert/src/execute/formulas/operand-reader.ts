// How a formula reads its operands: rows of numbers, or the bytes of rows as a file has them.
import type { JobInput } from '../../plan/conversion-plan.ts'

/** A stretch of columns, `to` excluded. */
export type Columns = { readonly from: number; readonly to: number }

export type OperandReader = {
  /** Rows `start` to `start + count` as float32, row-major, in memory of their own; of the columns given, or of all. */
  readonly rows: (operand: JobInput, start: number, count: number, columns?: Columns) => Promise<Float32Array>
  /** The same rows as stored. @throws TypeError for an operand that is itself computed, which no plan asks for */
  readonly bytes: (operand: JobInput, start: number, count: number) => Promise<Uint8Array>
}

/** Rows and their length as formulas count them: a vector is a column, a scalar one row of one number. */
export function matrixOf(shape: readonly number[]): { readonly rows: number; readonly rowLength: number } {
  if (shape.length < 2) return { rows: shape[0] ?? 1, rowLength: 1 }
  return { rows: shape.slice(0, -1).reduce((product, dimension) => product * dimension, 1), rowLength: shape.at(-1)! }
}

/** All columns of a matrix. */
export function allColumns(shape: readonly number[]): Columns {
  return { from: 0, to: matrixOf(shape).rowLength }
}

/** Some columns of whole rows; the rows themselves when that is all. */
export function columnsOf(values: Float32Array, rowLength: number, { from, to }: Columns): Float32Array {
  const width = to - from
  if (width === rowLength) return values
  const rows = values.length / rowLength
  const result = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) result.set(values.subarray(row * rowLength + from, row * rowLength + to), row * width)
  return result
}
