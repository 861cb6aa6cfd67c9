// Rows of a result as float32, for the changes that need numbers rather than bytes: additions, transposes, and inputs that are computed.
// Everything else moves bytes (`read-rows.ts`) and never comes here. What a formula computes is in `formulas/`.
import { type CompiledOutput, compileChain } from '@fs/arch/rows'
import { rotaryRows } from '@fs/onnx/rows'
import type { RowCodec } from '@fs/quant'
import { type ComputedInput, isComputedInput, type JobInput, type StoredInput } from '../plan/conversion-plan.ts'
import { codebookRows } from './formulas/codebook.ts'
import { lowRankSumRows } from './formulas/low-rank-sum.ts'
import { allColumns, type Columns, columnsOf, matrixOf, type OperandReader } from './formulas/operand-reader.ts'
import { runningScaledRows } from './formulas/running-scaled.ts'
import { scaledRows } from './formulas/scaled.ts'
import { sideBySideRows } from './formulas/side-by-side.ts'
import { unpackedRows } from './formulas/unpacked.ts'
import { type ReadInto, type Run, readRuns, rowBytesOf, runsOf } from './read-rows.ts'

/** Numbers decoded at a time while transposing: 4 MiB of float32. */
const CHUNK_ELEMENTS = 1 << 20

/** @returns rows `start` to `end` of the result, row-major; memory of its own. */
export async function floatRows(
  output: CompiledOutput,
  inputs: readonly JobInput[],
  start: number,
  end: number,
  codec: RowCodec,
  readInto: ReadInto,
): Promise<Float32Array> {
  return outputRows(output, inputs, start, end, operandReader(codec, readInto))
}

function operandReader(codec: RowCodec, readInto: ReadInto): OperandReader {
  const bytes = async (operand: JobInput, start: number, count: number) => {
    if (isComputedInput(operand)) throw new TypeError(`${operand.tensor} is computed and has no bytes`)
    const target = new Uint8Array(count * rowBytesOf(operand))
    await readRuns([operand], [{ input: 0, row: start, count }], target, readInto)
    return target
  }
  const rows = async (operand: JobInput, start: number, count: number, columns: Columns = allColumns(operand.shape)) =>
    isComputedInput(operand)
      ? computedRows(operand, start, count, columns, reader)
      : columnsOf(await storedRows(operand, start, count, codec, readInto), matrixOf(operand.shape).rowLength, columns)
  const reader: OperandReader = { rows, bytes }
  return reader
}

async function storedRows(input: StoredInput, start: number, count: number, codec: RowCodec, readInto: ReadInto): Promise<Float32Array> {
  await readRuns([input], [{ input: 0, row: start, count }], codec.input(count * rowBytesOf(input)), readInto)
  const rowLength = count * matrixOf(input.shape).rowLength
  return codec.decode({ from: input.type, rows: 1, rowLength, ...(input.bigEndian ? { bigEndian: true } : {}) }).slice()
}

async function computedRows(
  input: ComputedInput,
  start: number,
  count: number,
  columns: Columns,
  read: OperandReader,
): Promise<Float32Array> {
  const { formula } = input
  switch (formula.kind) {
    case 'scaled':
      return scaledRows(formula, input, start, count, columns, read)
    case 'unpacked':
      return unpackedRows(formula, input, start, count, columns, read)
    case 'codebook':
      return codebookRows(formula, input, start, count, columns, read)
    case 'low-rank-sum':
      return lowRankSumRows(formula, input, start, count, columns, read)
    case 'rearranged': {
      const shapes = input.operands.map((operand) => operand.shape)
      const output = compileChain(formula.chain, shapes)[0]!
      return columnsOf(await outputRows(output, input.operands, start, start + count, read), output.rowLength, columns)
    }
    case 'running-scaled':
      return runningScaledRows(formula, input, start, count, columns, read)
    case 'side-by-side':
      return sideBySideRows(input, start, count, columns, read)
    case 'rotary':
      return columnsOf(rotaryRows(formula.table, start, count), matrixOf(input.shape).rowLength, columns)
    default:
      return formula satisfies never
  }
}

async function outputRows(
  output: CompiledOutput,
  inputs: readonly JobInput[],
  start: number,
  end: number,
  read: OperandReader,
): Promise<Float32Array> {
  const values = output.transposed
    ? await transposedRows(output, inputs[0]!, start, end, read)
    : await plainRows(output, inputs, start, end, read)
  if (output.add !== 0) for (let index = 0; index < values.length; index++) values[index] = values[index]! + output.add
  return values
}

async function plainRows(
  output: CompiledOutput,
  inputs: readonly JobInput[],
  start: number,
  end: number,
  read: OperandReader,
): Promise<Float32Array> {
  const { rowLength } = output
  const values = new Float32Array((end - start) * rowLength)
  const runs = runsOf(output, start, end)
  let position = 0
  for (let first = 0; first < runs.length; ) {
    let last = first + 1
    while (last < runs.length && runs[last]!.input === runs[first]!.input) last++
    const group = runs.slice(first, last)
    const input = inputs[group[0]!.input]
    if (input === undefined) position += group.reduce((sum, run) => sum + run.count, 0) * rowLength
    else position = await gather(values, position, input, group, rowLength, read)
    first = last
  }
  return values
}

/** Scattered rows of one neighbourhood (a head whose rope rows interleave) are read once and picked apart. */
async function gather(
  values: Float32Array,
  position: number,
  input: JobInput,
  runs: readonly Run[],
  rowLength: number,
  read: OperandReader,
): Promise<number> {
  const count = runs.reduce((sum, run) => sum + run.count, 0)
  const low = runs.reduce((least, run) => Math.min(least, run.row), Number.POSITIVE_INFINITY)
  const high = runs.reduce((most, run) => Math.max(most, run.row + run.count), 0)
  const span = high - low > 2 * count ? undefined : await read.rows(input, low, high - low)
  let to = position
  for (const run of runs) {
    const length = run.count * rowLength
    const from = (run.row - low) * rowLength
    values.set(span === undefined ? await read.rows(input, run.row, run.count) : span.subarray(from, from + length), to)
    to += length
  }
  return to
}

async function transposedRows(
  output: CompiledOutput,
  input: JobInput,
  start: number,
  end: number,
  read: OperandReader,
): Promise<Float32Array> {
  const [storedRowCount, storedColumns] = [input.shape[0]!, input.shape[1]!]
  const columns = Int32Array.from({ length: end - start }, (_, row) => output.source(start + row).row)
  const window = neighbourhood(columns, storedColumns)
  const width = window.to - window.from
  const values = new Float32Array((end - start) * storedRowCount)
  const chunk = Math.max(1, Math.floor(CHUNK_ELEMENTS / width))
  for (let row = 0; row < storedRowCount; row += chunk) {
    const count = Math.min(chunk, storedRowCount - row)
    const decoded = await read.rows(input, row, count, window)
    for (let band = 0; band < columns.length; band++) {
      let from = columns[band]! - window.from
      const to = band * storedRowCount + row
      for (let index = 0; index < count; index++, from += width) values[to + index] = decoded[from]!
    }
  }
  return values
}

/** The columns from the first to the last that are wanted, so that what is computed for nothing stays little; all of them when they lie apart. */
function neighbourhood(columns: Int32Array, all: number): Columns {
  const from = columns.reduce((least, column) => Math.min(least, column), all)
  const to = columns.reduce((most, column) => Math.max(most, column), 0) + 1
  return to - from <= 2 * columns.length ? { from, to } : { from: 0, to: all }
}
