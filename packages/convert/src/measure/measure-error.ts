// Measures on a sample of a tensor's rows what each type would lose. The work is bounded for each tensor, whatever its size.
// Choosing among the types is `@fs/quant/recipes`'s business.
import { compileChain } from '@fs/arch/rows'
import { FsError, type GgmlType } from '@fs/core'
import type { RowCodec } from '@fs/quant'
import type { BudgetCandidate } from '@fs/quant/recipes'
import { type Band, bytesOf, rowsOf } from '../execute/bands.ts'
import { floatRows } from '../execute/float-rows.ts'
import type { ReadInto } from '../execute/read-rows.ts'
import { importanceOf } from '../execute/run-band.ts'
import type { ConversionPlan, TensorJob } from '../plan/conversion-plan.ts'
import { candidateTypes, keptType } from './candidate-types.ts'

/**
 * Numbers of a tensor that are tried. On matrices of 131072 trained weights the noise found on so many differs from that of all of them by at most
 * 2.4 %, while neighbouring types differ by two to four times.
 */
const SAMPLE = 1 << 15

export type MeasureContext = { readonly plan: ConversionPlan; readonly codec: RowCodec; readonly readInto: ReadInto }

/**
 * Sizes and errors of a tensor in every type it may have. The error is the squared error relative to the squared weights, both weighted by importance
 * where there is some: the share of noise the tensor adds to what its layer puts out. Such shares, each times a factor, add up over layers, to first order ("linearity
 * theorem", HIGGS, arXiv 2411.17525).
 *
 * @throws FsError `quant/not-finite` when the sample holds a weight no block type can, and what reading throws
 */
export async function measureCandidates(context: MeasureContext, index: number): Promise<readonly BudgetCandidate[]> {
  const job = context.plan.jobs[index]!
  const { rows, rowLength } = rowsOf(job.shape)
  const kept = keptType(job)
  const types = candidateTypes(job, job.targets[0]!.importance !== undefined)
  const sums = new Map<GgmlType, number>(types.map((type) => [type, 0]))
  let squares = 0
  for (const band of sampleOf(job, index)) {
    const values = await valuesOf(context, job, band)
    const { importance } = importanceOf(context.plan, job.targets[0]!, job, band)
    squares += weightedSquares(values, undefined, importance, rowLength)
    for (const [type, sum] of sums) {
      if (type === kept) continue
      const restored = roundTrip(context.codec, job, band, values, type, importance)
      if (restored === undefined) sums.delete(type)
      else sums.set(type, sum + weightedSquares(values, restored, importance, rowLength))
    }
  }
  return Array.from(sums, ([type, sum]) => ({ type, bytes: bytesOf(type, rows * rowLength), error: squares === 0 ? 0 : sum / squares }))
}

/** Rows spread evenly over the tensor; of one whose rows are columns in the file, neighbours, since each costs a pass over all of it. */
function sampleOf(job: TensorJob, index: number): readonly Band[] {
  const { rows, rowLength } = rowsOf(job.shape)
  const count = Math.min(rows, Math.max(1, Math.floor(SAMPLE / rowLength)))
  if (isTransposed(job)) return [{ job: index, start: Math.floor((rows - count) / 2), end: Math.floor((rows + count) / 2) }]
  return Array.from({ length: count }, (_, sample) => {
    const start = Math.floor(((sample + 0.5) * rows) / count)
    return { job: index, start, end: start + 1 }
  })
}

function isTransposed(job: TensorJob): boolean {
  return outputOf(job).transposed
}

function outputOf(job: TensorJob) {
  return compileChain(
    job.chain,
    job.inputs.map(({ shape }) => shape),
  )[job.part]!
}

async function valuesOf({ codec, readInto }: MeasureContext, job: TensorJob, { start, end }: Band): Promise<Float32Array> {
  return floatRows(outputOf(job), job.inputs, start, end, codec, readInto)
}

/** The numbers as they come back from a type; undefined where one is too large for it. */
function roundTrip(
  codec: RowCodec,
  job: TensorJob,
  band: Band,
  values: Float32Array,
  type: GgmlType,
  importance: Float32Array | undefined,
): Float32Array | undefined {
  const shape = { rows: band.end - band.start, rowLength: rowsOf(job.shape).rowLength }
  const origin = { tensor: job.tensor, firstRow: band.start }
  codec.input(values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  try {
    const encoded = codec.encode({ from: 'F32', to: type, ...shape, origin, ...(importance === undefined ? {} : { importance }) }).slice()
    codec.input(encoded.length).set(encoded)
    return codec.decode({ from: type, ...shape })
  } catch (error) {
    if (FsError.is(error) && error.code === 'quant/overflow') return undefined
    throw error
  }
}

/** Of the values, or of their differences from others. */
function weightedSquares(
  values: Float32Array,
  others: Float32Array | undefined,
  importance: Float32Array | undefined,
  rowLength: number,
): number {
  let sum = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index]! - (others === undefined ? 0 : others[index]!)
    sum += value * value * (importance === undefined ? 1 : importance[index % rowLength]!)
  }
  return sum
}
