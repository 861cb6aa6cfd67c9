// Cuts a plan's jobs into bands of rows small enough to hold in memory: the units that threads take, and that a resumed run skips.
// The cut depends on the plan alone, so every thread and every run sees the same bands.
import { DTYPES, GGML_TYPES, isGgmlType, type TensorType } from '@fs/core'
import type { ConversionPlan, TensorJob } from '../plan/conversion-plan.ts'

/** Rows `start` to `end` (exclusive) of one job's result. */
export type Band = { readonly job: number; readonly start: number; readonly end: number }

/**
 * Source bytes a band aims at. 1 MiB keeps a thread's working set (source, result, a piece as float32) near 2 MB, within the second-level cache
 * and small beside the 12 MB that any thread of Node takes, and is past the size where a system call's cost shows.
 */
const BAND_BYTES = 1024 * 1024

/** A transposed band reads the whole stored matrix, so such bands are large and few. */
const TRANSPOSED_BAND_BYTES = 32 * 1024 * 1024

/** @returns bytes of `elements` numbers of a type; whole blocks are the caller's care. */
export function bytesOf(type: TensorType, elements: number): number {
  if (isGgmlType(type)) {
    const { blockSize, blockBytes } = GGML_TYPES[type]
    return (elements / blockSize) * blockBytes
  }
  return elements * DTYPES[type].bytes
}

/** Rows and row length of a result; a vector is one row. */
export function rowsOf(shape: readonly number[]): { readonly rows: number; readonly rowLength: number } {
  const rowLength = shape.at(-1) ?? 1
  return { rowLength, rows: shape.slice(0, -1).reduce((product, dimension) => product * dimension, 1) }
}

export function bandsOf(plan: ConversionPlan): readonly Band[] {
  return plan.jobs.flatMap((job, index) => bandsOfJob(job, index))
}

function bandsOfJob(job: TensorJob, index: number): readonly Band[] {
  const { rows, rowLength } = rowsOf(job.shape)
  if (rows * rowLength === 0) return []
  const perRow = Math.max(1, Math.ceil(bytesOf(job.inputs[0]!.type, rowLength)))
  const granule = granuleOf(job, rows)
  const wanted = Math.max(granule, Math.floor(bandBytes(job) / perRow / granule) * granule)
  // A band stays within one matrix of a stack, so that it has one expert's importance.
  const matrix = job.shape.length > 2 ? job.shape.at(-2)! : rows
  return Array.from({ length: rows / matrix }, (_, part) => part * matrix).flatMap((first) =>
    Array.from({ length: Math.ceil(matrix / wanted) }, (_, band) => ({
      job: index,
      start: first + band * wanted,
      end: first + Math.min(matrix, (band + 1) * wanted),
    })),
  )
}

function bandBytes(job: TensorJob): number {
  return job.chain.some((transform) => transform.kind === 'transpose') ? TRANSPOSED_BAND_BYTES : BAND_BYTES
}

/** Rows that are best kept together because their sources interleave: one head. */
function granuleOf(job: TensorJob, rows: number): number {
  const heads = job.chain.reduce((count, transform) => ('heads' in transform ? Math.max(count, transform.heads) : count), 0)
  return heads > 0 && rows % heads === 0 ? rows / heads : 1
}
