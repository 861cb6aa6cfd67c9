// How a formula reads its operands: rows of numbers, or the bytes of rows as a file has them.
import type { JobInput } from '../../plan/conversion-plan.ts'

export type OperandReader = {
  /** Rows `start` to `start + count` as float32, row-major, in memory of their own. */
  readonly rows: (operand: JobInput, start: number, count: number) => Promise<Float32Array>
  /** The same rows as stored. @throws TypeError for an operand that is itself computed, which no plan asks for */
  readonly bytes: (operand: JobInput, start: number, count: number) => Promise<Uint8Array>
}

/** Rows and their length as formulas count them: a vector is a column, a scalar one row of one number. */
export function matrixOf(shape: readonly number[]): { readonly rows: number; readonly rowLength: number } {
  if (shape.length < 2) return { rows: shape[0] ?? 1, rowLength: 1 }
  return { rows: shape.slice(0, -1).reduce((product, dimension) => product * dimension, 1), rowLength: shape.at(-1)! }
}
