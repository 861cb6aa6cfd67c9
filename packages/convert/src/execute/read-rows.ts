// Brings the source rows of a band together as bytes, in the order the result needs them.
// It decodes nothing; transposes and additions are in `float-rows.ts`.
import type { CompiledOutput } from '@fs/arch/rows'
import { convertError } from '../errors.ts'
import type { StoredInput } from '../plan/conversion-plan.ts'
import { bytesOf, rowsOf } from './bands.ts'

/** Fills `target` with a source's bytes at `offset`. */
export type ReadInto = (source: number, offset: number, target: Uint8Array) => Promise<void>

/** A stretch of result rows that are consecutive in one input. `input` -1 is zeros. */
export type Run = { readonly input: number; readonly row: number; readonly count: number }

/** Consecutive runs of the rows `start` to `end` of a compiled result. A vector's rows are its elements. */
export function runsOf(output: CompiledOutput, start: number, end: number): readonly Run[] {
  const runs: { input: number; row: number; count: number }[] = []
  for (let row = start; row < end; row++) {
    const source = output.source(row)
    const last = runs.at(-1)
    if (last !== undefined && last.input === source.input && (source.input < 0 || last.row + last.count === source.row)) last.count++
    else runs.push({ ...source, count: 1 })
  }
  return runs
}

/** Bytes of one row of an input as the chain counts rows: a vector's elements, else vectors along the last dimension. */
export function rowBytesOf(input: StoredInput): number {
  return bytesOf(input.type, input.shape.length === 1 ? 1 : rowsOf(input.shape).rowLength)
}

/**
 * Reads runs into `target`, back to back. One run is read where it lies; scattered rows of one neighbourhood are read once and picked apart
 * (a head whose rope rows interleave), since a read per row would cost a system call each.
 */
export async function readRuns(
  inputs: readonly StoredInput[],
  runs: readonly Run[],
  target: Uint8Array,
  readInto: ReadInto,
): Promise<void> {
  let position = 0
  for (let first = 0; first < runs.length; ) {
    const { input: index } = runs[first]!
    let last = first + 1
    while (last < runs.length && runs[last]!.input === index) last++
    const group = runs.slice(first, last)
    const count = group.reduce((sum, run) => sum + run.count, 0)
    const input = inputs[index]
    const rowBytes = input === undefined ? target.length / runs.reduce((sum, run) => sum + run.count, 0) : rowBytesOf(input)
    const part = target.subarray(position, position + count * rowBytes)
    if (input === undefined) part.fill(0)
    else await readGroup(input, group, count, rowBytes, part, readInto)
    position += part.length
    first = last
  }
}

async function readGroup(
  input: StoredInput,
  runs: readonly Run[],
  count: number,
  rowBytes: number,
  target: Uint8Array,
  readInto: ReadInto,
): Promise<void> {
  if (runs.length === 1) return readRowRange(input, runs[0]!.row, count, target, readInto)
  const low = runs.reduce((least, run) => Math.min(least, run.row), Number.POSITIVE_INFINITY)
  const high = runs.reduce((most, run) => Math.max(most, run.row + run.count), 0)
  let position = 0
  if (high - low > 2 * count) {
    for (const run of runs) {
      await readRowRange(input, run.row, run.count, target.subarray(position, position + run.count * rowBytes), readInto)
      position += run.count * rowBytes
    }
    return
  }
  const span = new Uint8Array((high - low) * rowBytes)
  await readRowRange(input, low, high - low, span, readInto)
  for (const run of runs) {
    const from = (run.row - low) * rowBytes
    target.set(span.subarray(from, from + run.count * rowBytes), position)
    position += run.count * rowBytes
  }
}

async function readRowRange(input: StoredInput, row: number, count: number, target: Uint8Array, readInto: ReadInto): Promise<void> {
  if (input.strides === undefined) return readInto(input.source, input.offset + row * rowBytesOf(input), target)
  const size = bytesOf(input.type, 1)
  if (!Number.isInteger(size)) {
    throw convertError(
      'convert/strided-blocks',
      `tensor ${input.tensor} is a strided view of ${input.type} blocks, which cannot be taken apart`,
      { tensor: input.tensor },
    )
  }
  const width = input.shape.length === 1 ? 1 : input.shape.at(-1)!
  for (let index = 0; index < count; index++) {
    const part = target.subarray(index * width * size, (index + 1) * width * size)
    await readStridedRow(input, row + index, width, size, part, readInto)
  }
}

/** One row of a view: a slice of a wider matrix, or any other stepping through a storage. */
async function readStridedRow(
  input: StoredInput,
  row: number,
  width: number,
  size: number,
  target: Uint8Array,
  readInto: ReadInto,
): Promise<void> {
  const vector = input.shape.length === 1
  const strides = input.strides!
  const step = vector ? 1 : strides.at(-1)!
  let start = 0
  let rest = row
  for (let axis = vector ? 0 : input.shape.length - 2; axis >= 0; axis--) {
    start += (rest % input.shape[axis]!) * strides[axis]!
    rest = Math.floor(rest / input.shape[axis]!)
  }
  const offset = input.offset + start * size
  if (step === 1 || width === 1) return readInto(input.source, offset, target)
  const span = new Uint8Array(((width - 1) * step + 1) * size)
  await readInto(input.source, offset, span)
  for (let column = 0; column < width; column++) target.set(span.subarray(column * step * size, column * step * size + size), column * size)
}
