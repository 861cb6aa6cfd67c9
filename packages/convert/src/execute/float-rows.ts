// Rows of a result as float32, for the changes that need numbers rather than bytes: additions and transposes.
// Everything else moves bytes (`read-rows.ts`) and never comes here.
import type { CompiledOutput } from '@fs/arch/rows'
import type { RowCodec } from '@fs/quant'
import type { JobInput } from '../plan/conversion-plan.ts'
import { type ReadInto, readRuns, rowBytesOf, runsOf } from './read-rows.ts'

/** Stored rows decoded at a time while transposing: about 4 MiB of float32. */
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
  const values = output.transposed
    ? await transposedRows(output, inputs[0]!, start, end, codec, readInto)
    : await plainRows(output, inputs, start, end, codec, readInto)
  if (output.add !== 0) for (let index = 0; index < values.length; index++) values[index] = values[index]! + output.add
  return values
}

async function plainRows(
  output: CompiledOutput,
  inputs: readonly JobInput[],
  start: number,
  end: number,
  codec: RowCodec,
  readInto: ReadInto,
): Promise<Float32Array> {
  const values = new Float32Array((end - start) * output.rowLength)
  let position = 0
  for (const run of runsOf(output, start, end)) {
    const input = inputs[run.input]
    const length = run.count * output.rowLength
    if (input !== undefined) {
      const bytes = codec.input(run.count * rowBytesOf(input))
      await readRuns(inputs, [run], bytes, readInto)
      values.set(codec.decode({ from: input.type, rows: 1, rowLength: length, ...(input.bigEndian ? { bigEndian: true } : {}) }), position)
    }
    position += length
  }
  return values
}

async function transposedRows(
  output: CompiledOutput,
  input: JobInput,
  start: number,
  end: number,
  codec: RowCodec,
  readInto: ReadInto,
): Promise<Float32Array> {
  const [storedRows, storedColumns] = [input.shape[0]!, input.shape[1]!]
  const columns = Int32Array.from({ length: end - start }, (_, row) => output.source(start + row).row)
  const values = new Float32Array((end - start) * storedRows)
  const chunk = Math.max(1, Math.floor(CHUNK_ELEMENTS / storedColumns))
  for (let row = 0; row < storedRows; row += chunk) {
    const count = Math.min(chunk, storedRows - row)
    await readRuns([input], [{ input: 0, row, count }], codec.input(count * rowBytesOf(input)), readInto)
    const decoded = codec.decode({
      from: input.type,
      rows: count,
      rowLength: storedColumns,
      ...(input.bigEndian ? { bigEndian: true } : {}),
    })
    for (let band = 0; band < columns.length; band++) {
      let from = columns[band]!
      const to = band * storedRows + row
      for (let index = 0; index < count; index++, from += storedColumns) values[to + index] = decoded[from]!
    }
  }
  return values
}
