// Puts encoded rows where a target wants them: one after the other, as columns of a wider matrix, or as blocks taken apart.
// What the rows are was decided before; nothing is rounded here but the scales of blocks whose floats are halves.
import type { GgmlType } from '@fs/core'
import type { RowCodec } from '@fs/quant'
import { repackRows } from '@fs/quant/matmulnbits'
import type { JobTarget, TargetLayout } from '../plan/conversion-plan.ts'
import { bytesOf } from './bands.ts'

/** Puts bytes into an output. */
export type Write = (output: number, offset: number, bytes: Uint8Array) => Promise<void>

/** `count` rows of a target, from its row `first` on; it has `of` rows in all. */
export type RowPlace = { readonly first: number; readonly count: number; readonly of: number; readonly rowLength: number }

/** @param bytes the rows as `target.type` has them; they may be the codec's own memory */
export async function writeRows(codec: RowCodec, write: Write, target: JobTarget, place: RowPlace, bytes: Uint8Array): Promise<void> {
  const { layout, output, offset } = target
  if (layout === undefined) return write(output, offset + (target.byteLength / place.of) * place.first, bytes)
  switch (layout.kind) {
    case 'columns':
      return writeColumns(write, output, offset, layout.stride, place, bytes)
    case 'blocks':
      return writeBlocks(codec, write, target, layout, place, bytes)
    default:
      return layout satisfies never
  }
}

/** The rows transposed: number `i` of each row next to those of its neighbours. */
async function writeColumns(
  write: Write,
  output: number,
  offset: number,
  stride: number,
  { first, count, rowLength }: RowPlace,
  bytes: Uint8Array,
): Promise<void> {
  const width = bytes.length / (count * rowLength)
  const columns = transposed(bytes, width, count, rowLength)
  const length = count * width
  const start = offset + first * width
  if (length === stride) return write(output, start, columns)
  for (let column = 0; column < rowLength; column++)
    await write(output, start + column * stride, columns.subarray(column * length, (column + 1) * length))
}

async function writeBlocks(
  codec: RowCodec,
  write: Write,
  { type, output, offset }: JobTarget,
  { format, floats, scales, minimums }: Extract<TargetLayout, { kind: 'blocks' }>,
  { first, count, rowLength }: RowPlace,
  bytes: Uint8Array,
): Promise<void> {
  const arrays = repackRows(type, bytes)
  const blocks = rowLength / format.blockSize
  await write(output, offset + (first * rowLength * format.bits) / 8, arrays.integers)
  const width = bytesOf(floats, 1)
  await write(scales.output, scales.offset + first * blocks * width, encoded(codec, arrays.scales, floats))
  if (minimums === null) return
  const rows = encoded(codec, arrays.addends, floats)
  const place = { first, count, of: count, rowLength: blocks }
  await writeColumns(write, minimums.output, minimums.offset, minimums.stride, place, rows)
}

/** @returns a copy: the codec's memory is used again */
function encoded(codec: RowCodec, values: Float32Array, type: Extract<GgmlType, 'F32' | 'F16'>): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  if (type === 'F32') return bytes
  codec.input(bytes.length).set(bytes)
  return codec.encode({ from: 'F32', to: type, rows: 1, rowLength: values.length }).slice()
}

/** Elements are 2 or 4 bytes wide; squares that fit the cache. */
function transposed(bytes: Uint8Array, width: number, rows: number, columns: number): Uint8Array {
  const SQUARE = 64
  // Views need alignment, which a codec's memory has but a caller's slice may lack.
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice()
  const Numbers = width === 2 ? Uint16Array : Uint32Array
  const from = new Numbers(aligned.buffer as ArrayBuffer, aligned.byteOffset, rows * columns)
  const to = new Numbers(rows * columns)
  for (let rowStart = 0; rowStart < rows; rowStart += SQUARE) {
    const rowEnd = Math.min(rowStart + SQUARE, rows)
    for (let columnStart = 0; columnStart < columns; columnStart += SQUARE) {
      const columnEnd = Math.min(columnStart + SQUARE, columns)
      for (let row = rowStart; row < rowEnd; row++)
        for (let column = columnStart; column < columnEnd; column++) to[column * rows + row] = from[row * columns + column]!
    }
  }
  return new Uint8Array(to.buffer)
}
