// Blocks of numbers with a scale each, and a zero point or a bias: FP8, integers by row or group, GPTQ, AWQ, MLX.
// Where the levels come from is another formula's business.
import { convertError } from '../../errors.ts'
import type { ComputedInput } from '../../plan/conversion-plan.ts'
import type { Formula } from '../../plan/formula.ts'
import { type Columns, matrixOf, type OperandReader } from './operand-reader.ts'

type Scaled = Extract<Formula, { kind: 'scaled' }>

/** Rows of scales, and which of them belongs to each row of the weight. */
type ScaleRows = { readonly first: number; readonly count: number; readonly of: Int32Array }

/** @throws FsError `convert/quantized-group` when a row or column names a group that has no scale */
export async function scaledRows(
  formula: Scaled,
  input: ComputedInput,
  start: number,
  count: number,
  columns: Columns,
  read: OperandReader,
): Promise<Float32Array> {
  const width = columns.to - columns.from
  const [weight, scales] = [input.operands[0]!, input.operands[1]!]
  const shift = formula.shift === 'none' ? undefined : input.operands[2]!
  const places = matrixOf(scales.shape)
  const rows = await scaleRowsOf(formula, input, start, count, places.rows, read)
  const groups = formula.groups === 'named-columns' ? await namedGroups(input, columns.from, width, places.rowLength, read) : undefined
  const blocks = groups === undefined ? blocksOf(columns, formula.blockColumns) : { from: 0, to: places.rowLength }
  const values = await read.rows(weight, start, count, columns)
  const scaleValues = await read.rows(scales, rows.first, rows.count, blocks)
  const shiftValues = shift === undefined ? undefined : await read.rows(shift, rows.first, rows.count, blocks)
  for (let row = 0; row < count; row++) {
    const scaleStart = (rows.of[row]! - rows.first) * (blocks.to - blocks.from)
    if (groups === undefined && formula.blockColumns === 1 && formula.shift !== 'biases') {
      scaleEach(values.subarray(row * width, (row + 1) * width), scaleValues, shiftValues, scaleStart, formula.factor)
      continue
    }
    for (let column = 0, block = 0; column < width; block++) {
      const place = scaleStart + (groups === undefined ? block : groups[column]!)
      const end = groups === undefined ? Math.min(width, (blocks.from + block + 1) * formula.blockColumns - columns.from) : column + 1
      const moved = shiftValues === undefined ? 0 : shiftValues[place]!
      const [first, last] = [row * width + column, row * width + end]
      if (formula.shift === 'biases') addBlock(values, first, last, scaleValues[place]!, moved)
      else scaleBlock(values, first, last, scaleValues[place]!, moved, formula.factor)
      column = end
    }
  }
  return values
}

/** The blocks that a stretch of columns touches. */
function blocksOf({ from, to }: Columns, blockColumns: number): Columns {
  return { from: Math.floor(from / blockColumns), to: Math.floor((to - 1) / blockColumns) + 1 }
}

/** (value - zero) * scale * factor, each step rounded. */
function scaleBlock(values: Float32Array, start: number, end: number, scale: number, zero: number, factor: number): void {
  for (let index = start; index < end; index++) values[index] = Math.fround(Math.fround(values[index]! - zero) * scale) * factor
}

/** The same with a scale for each number, as the transposed weights of GPTQ and AWQ have them. */
function scaleEach(values: Float32Array, scales: Float32Array, zeros: Float32Array | undefined, firstScale: number, factor: number): void {
  for (let index = 0; index < values.length; index++) {
    const zero = zeros === undefined ? 0 : zeros[firstScale + index]!
    values[index] = Math.fround(Math.fround(values[index]! - zero) * scales[firstScale + index]!) * factor
  }
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
