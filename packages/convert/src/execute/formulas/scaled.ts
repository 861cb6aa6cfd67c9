// Blocks of numbers with a scale each, and a zero point or a bias: FP8, integers by row or group, GPTQ, AWQ, MLX.
// Where the levels come from is another formula's business.
import { convertError } from '../../errors.ts'
import type { ComputedInput } from '../../plan/conversion-plan.ts'
import type { Formula } from '../../plan/formula.ts'
import { matrixOf, type OperandReader } from './operand-reader.ts'

type Scaled = Extract<Formula, { kind: 'scaled' }>

/** Rows of scales, and which of them belongs to each row of the weight. */
type Groups = { readonly first: number; readonly count: number; readonly of: Int32Array }

/** @throws FsError `convert/quantized-group` when a row names a group that has no scale */
export async function scaledRows(
  formula: Scaled,
  input: ComputedInput,
  start: number,
  count: number,
  read: OperandReader,
): Promise<Float32Array> {
  const { rowLength } = matrixOf(input.shape)
  const [weight, scales] = [input.operands[0]!, input.operands[1]!]
  const shift = formula.shift === 'none' ? undefined : input.operands[2]!
  const scaleRow = matrixOf(scales.shape)
  const groups = await groupsOf(formula, input, start, count, scaleRow.rows, read)
  const values = await read.rows(weight, start, count)
  const scaleValues = await read.rows(scales, groups.first, groups.count)
  const shiftValues = shift === undefined ? undefined : await read.rows(shift, groups.first, groups.count)
  for (let row = 0; row < count; row++) {
    const rowStart = row * rowLength
    let block = (groups.of[row]! - groups.first) * scaleRow.rowLength
    for (let column = 0; column < rowLength; column += formula.blockColumns, block++) {
      const end = rowStart + Math.min(rowLength, column + formula.blockColumns)
      const scale = scaleValues[block]!
      const moved = shiftValues === undefined ? 0 : shiftValues[block]!
      if (formula.shift === 'biases') addBlock(values, rowStart + column, end, scale, moved)
      else scaleBlock(values, rowStart + column, end, scale, moved, formula.factor)
    }
  }
  return values
}

/** (value - zero) * scale * factor, each step rounded. */
function scaleBlock(values: Float32Array, start: number, end: number, scale: number, zero: number, factor: number): void {
  for (let index = start; index < end; index++) values[index] = Math.fround(Math.fround(values[index]! - zero) * scale) * factor
}

/** value * scale + bias, each step rounded. */
function addBlock(values: Float32Array, start: number, end: number, scale: number, bias: number): void {
  for (let index = start; index < end; index++) values[index] = Math.fround(values[index]! * scale) + bias
}

async function groupsOf(
  formula: Scaled,
  input: ComputedInput,
  start: number,
  count: number,
  scaleRows: number,
  read: OperandReader,
): Promise<Groups> {
  if (!formula.grouped) {
    const of = Int32Array.from({ length: count }, (_, row) => Math.floor((start + row) / formula.blockRows))
    const first = of[0] ?? 0
    return { first, count: (of.at(-1) ?? 0) - first + 1, of }
  }
  const of = Int32Array.from(await read.rows(input.operands.at(-1)!, start, count))
  let [first, last] = [scaleRows - 1, 0]
  for (const group of of) {
    if (group < 0 || group >= scaleRows) {
      throw convertError(
        'convert/quantized-group',
        `tensor ${input.tensor} puts a row into group ${group}, but has scales for ${scaleRows} groups; the checkpoint is damaged`,
        { tensor: input.tensor, group, groups: scaleRows },
      )
    }
    first = Math.min(first, group)
    last = Math.max(last, group)
  }
  return { first, count: last - first + 1, of }
}
