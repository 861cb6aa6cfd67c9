// Numbers with a scale for every so many of them, whatever row they are in: llama2.c's int8.
import type { ComputedInput } from '../../plan/conversion-plan.ts'
import type { Formula } from '../../plan/formula.ts'
import { type Columns, columnsOf, matrixOf, type OperandReader } from './operand-reader.ts'

type RunningScaled = Extract<Formula, { kind: 'running-scaled' }>

export async function runningScaledRows(
  { blockSize }: RunningScaled,
  input: ComputedInput,
  start: number,
  count: number,
  columns: Columns,
  read: OperandReader,
): Promise<Float32Array> {
  const { rowLength } = matrixOf(input.shape)
  const [levels, scales] = [input.operands[0]!, input.operands[1]!]
  const first = start * rowLength
  const values = await read.rows(levels, start, count)
  const firstBlock = Math.floor(first / blockSize)
  const blocks = Math.floor((first + values.length - 1) / blockSize) - firstBlock + 1
  const scaleValues = await read.rows(scales, firstBlock, blocks)
  for (let index = 0; index < values.length; index++)
    values[index] = values[index]! * scaleValues[Math.floor((first + index) / blockSize) - firstBlock]!
  return columnsOf(values, rowLength, columns)
}
