// Blocks of numbers with a scale each, and a zero point or a bias: FP8, integers by row or group, GPTQ, AWQ, MLX.
// Where the levels come from is another formula's business.
import { convertError } from '../../errors.ts'
import type { ComputedInput } from '../../plan/conversion-plan.ts'
import type { Formula } from '../../plan/formula.ts'
import { matrixOf, type OperandReader } from './operand-reader.ts'

type Scaled = Extract<Formula, { kind: 'scaled' }>

/** Rows of scales, and which of them belongs to each row of the weight. */
type ScaleRows = { readonly first: number; readonly count: number; readonly of: Int32Array }

/** @throws FsError `convert/quantized-group` when a row or column names a group that has no scale */
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
  const places = matrixOf(scales.shape)
  const rows = await scaleRowsOf(formula, input, start, count, places.rows, read)
  const columns = await columnGroups(formula, input, rowLength, places.rowLength, read)
  const values = await read.rows(weight, start, count)
  const scaleValues = await read.rows(scales, rows.first, rows.count)
  const shiftValues = shift === undefined ? undefined : await read.rows(shift, rows.first, rows.count)
  const step = formula.groups === 'named-columns' ? 1 : formula.blockColumns
  for (let row = 0; row < count; row++) {
    const rowStart = row * rowLength
    const scaleStart = (rows.of[row]! - rows.first) * places.rowLength
    for (let column = 0, block = 0; column < rowLength; column += step, block++) {
      const place = scaleStart + (columns === undefined ? block : columns[column]!)
      const end = rowStart + Math.min(rowLength, column + step)
      const moved = shiftValues === undefined ? 0 : shiftValues[place]!
      if (formula.shift === 'biases') addBlock(values, rowStart + column, end, scaleValues[place]!, moved)
      else scaleBlock(values, rowStart + column, end, scaleValues[place]!, moved, formula.factor)
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

async function scaleRowsOf(
  formula: Scaled,
  input: ComputedInput,
  start: number,
  count: number,
  available: number,
  read: OperandReader,
): Promise<ScaleRows> {
  const of =
    formula.groups === 'named-rows'
      ? await namedGroups(input, start, count, available, read)
      : Int32Array.from({ length: count }, (_, row) => Math.floor((start + row) / formula.blockRows))
  const first = of.reduce((least, group) => Math.min(least, group), available - 1)
  const last = of.reduce((most, group) => Math.max(most, group), 0)
  return { first, count: last - first + 1, of }
}

async function columnGroups(
  formula: Scaled,
  input: ComputedInput,
  columns: number,
  available: number,
  read: OperandReader,
): Promise<Int32Array | undefined> {
  return formula.groups === 'named-columns' ? namedGroups(input, 0, columns, available, read) : undefined
}

/** The last operand's numbers, each the place of a scale. */
async function namedGroups(
  input: ComputedInput,
  start: number,
  count: number,
  available: number,
  read: OperandReader,
): Promise<Int32Array> {
  const groups = Int32Array.from(await read.rows(input.operands.at(-1)!, start, count))
  const wrong = groups.find((group) => group < 0 || group >= available)
  if (wrong === undefined) return groups
  throw convertError(
    'convert/quantized-group',
    `tensor ${input.tensor} names group ${wrong}, but has scales for ${available} groups; the checkpoint is damaged`,
    { tensor: input.tensor, group: wrong, groups: available },
  )
}
