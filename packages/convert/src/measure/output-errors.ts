// Holds what a plan wrote against what it read, every weight of every tensor, a band of rows at a time.
// It reads the finished files, so it sees what a reader of them will see.
import { compileChain } from '@fs/arch/rows'
import { type ByteSource, GGML_TYPES } from '@fs/core'
import type { RowCodec } from '@fs/quant'
import { type QuantizedTensor, type TensorErrorMeter, tensorErrorMeter } from '@fs/quant/error-report'
import { convertError } from '../errors.ts'
import { type Band, bandsOf, rowsOf } from '../execute/bands.ts'
import { floatRows } from '../execute/float-rows.ts'
import type { OnProgress } from '../execute/progress.ts'
import type { ReadInto } from '../execute/read-rows.ts'
import type { ConversionPlan, JobTarget, TensorJob } from '../plan/conversion-plan.ts'

export type WrittenPlan = {
  readonly plan: ConversionPlan
  /** In the plan's order. */
  readonly sources: readonly ByteSource[]
  /** The finished files, in the plan's order. */
  readonly outputs: readonly ByteSource[]
  readonly codec: RowCodec
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}

/**
 * @returns for each output its tensors, in the plan's order
 * @throws FsError `convert/interrupted` after an abort, and what the sources throw
 */
export async function outputErrors(written: WrittenPlan): Promise<readonly (readonly QuantizedTensor[])[]> {
  const { plan, onProgress, signal } = written
  const meters = plan.jobs.map((job) => job.targets.map((target) => tensorErrorMeter(blockLength(job, target))))
  const bands = bandsOf(plan)
  const totalBytes = plan.outputs.reduce((sum, output) => sum + output.size, 0)
  let writtenBytes = 0
  for (const [index, band] of bands.entries()) {
    if (signal?.aborted) throw convertError('convert/interrupted', 'measuring the result was stopped')
    writtenBytes += await measureBand(written, band, meters[band.job]!)
    onProgress?.({ doneBands: index + 1, totalBands: bands.length, writtenBytes, totalBytes })
  }
  return plan.outputs.map((_, output) =>
    plan.jobs.flatMap((job, index) =>
      job.targets.flatMap((target, at) => (target.output === output ? [tensorOf(job, target, meters[index]![at]!)] : [])),
    ),
  )
}

/** Weights that share a scale; of plain numbers a row. */
function blockLength(job: TensorJob, { type }: JobTarget): number {
  const { blockSize } = GGML_TYPES[type]
  return blockSize > 1 ? blockSize : Math.max(1, rowsOf(job.shape).rowLength)
}

function tensorOf(job: TensorJob, { type, byteLength }: JobTarget, meter: TensorErrorMeter): QuantizedTensor {
  return { name: job.tensor, shape: job.shape, from: job.inputs[0]!.type, type, bytes: byteLength, error: meter.result() }
}

/** @returns bytes of the result that were looked at */
async function measureBand(
  { plan, codec, sources, outputs }: WrittenPlan,
  { job: index, start, end }: Band,
  meters: readonly TensorErrorMeter[],
): Promise<number> {
  const job = plan.jobs[index]!
  const { rows, rowLength } = rowsOf(job.shape)
  const readInto: ReadInto = async (source, offset, target) => target.set(await sources[source]!.read(offset, target.length))
  const chain = compileChain(
    job.chain,
    job.inputs.map(({ shape }) => shape),
  )[job.part]!
  // A vector is one row to an encoder and as many rows as elements to a chain.
  const scale = chain.shape.length === 1 ? rowLength : 1
  const original = await floatRows(chain, job.inputs, start * scale, end * scale, codec, readInto)
  let looked = 0
  for (const [at, target] of job.targets.entries()) {
    const rowBytes = target.byteLength / rows
    const bytes = await outputs[target.output]!.read(target.offset + start * rowBytes, (end - start) * rowBytes)
    codec.input(bytes.length).set(bytes)
    meters[at]!.add(original, codec.decode({ from: target.type, rows: end - start, rowLength }))
    looked += bytes.length
  }
  return looked
}
