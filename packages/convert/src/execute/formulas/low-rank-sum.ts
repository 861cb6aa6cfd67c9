// A weight and the product of two thin matrices added to it: what a LoRA adapter does to a layer.
import type { ComputedInput } from '../../plan/conversion-plan.ts'
import type { Formula } from '../../plan/formula.ts'
import { type Columns, matrixOf, type OperandReader } from './operand-reader.ts'

type LowRankSum = Extract<Formula, { kind: 'low-rank-sum' }>

/** Shapes: base [rows, columns], up [rows, rank], down [rank, columns]. */
export async function lowRankSumRows(
  formula: LowRankSum,
  input: ComputedInput,
  start: number,
  count: number,
  columns: Columns,
  read: OperandReader,
): Promise<Float32Array> {
  const [base, up, down] = [input.operands[0]!, input.operands[1]!, input.operands[2]!]
  const width = columns.to - columns.from
  const { rows: rank } = matrixOf(down.shape)
  const values = await read.rows(base, start, count, columns)
  const upValues = await read.rows(up, start, count)
  const downValues = await read.rows(down, 0, rank, columns)
  const sum = new Float64Array(width)
  for (let row = 0; row < count; row++) {
    sum.fill(0)
    for (let inner = 0; inner < rank; inner++) {
      const factor = upValues[row * rank + inner]!
      for (let column = 0, from = inner * width; column < width; column++, from++) sum[column] = sum[column]! + factor * downValues[from]!
    }
    for (let column = 0, to = row * width; column < width; column++, to++)
      values[to] = values[to]! + Math.fround(formula.scale * sum[column]!)
  }
  return values
}
