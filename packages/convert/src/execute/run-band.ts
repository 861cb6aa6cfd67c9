// Carries out one band of a plan: read, rearrange, encode for every output, write. Knows no files and no threads.
import { type CompiledOutput, compileChain } from '@fs/arch/rows'
import type { RowCodec } from '@fs/quant'
import { type ConversionPlan, isComputedInput, type JobTarget, type StoredInput, type TensorJob } from '../plan/conversion-plan.ts'
import { type Band, bytesOf, rowsOf } from './bands.ts'
import { floatRows } from './float-rows.ts'
import { type ReadInto, readRuns, runsOf } from './read-rows.ts'
import { type Write, writeRows } from './write-rows.ts'

/** What a band needs from its surroundings. Each thread has its own. */
export type BandContext = { readonly plan: ConversionPlan; readonly codec: RowCodec; readonly readInto: ReadInto; readonly write: Write }

/** @throws FsError what the codec, the reader or the writer throws. Nothing is undone: writing a band twice gives the same bytes. */
export async function runBand(context: BandContext, band: Band): Promise<void> {
  const job = context.plan.jobs[band.job]!
  const output = compileChain(
    job.chain,
    job.inputs.map((input) => input.shape),
  )[job.part]!
  const inputs = plainInputs(job, output)
  if (inputs === undefined) await runFloatBand(context, job, output, band)
  else await runByteBand(context, job, inputs, output, band)
}

/** The inputs when their bytes can be handed to the encoder as they are: stored, of one type, and only moved. */
function plainInputs(job: TensorJob, output: CompiledOutput): readonly StoredInput[] | undefined {
  if (output.transposed || output.add !== 0) return undefined
  const stored = job.inputs.flatMap((input) => (isComputedInput(input) ? [] : [input]))
  const types = new Set(stored.map((input) => `${input.type} ${input.bigEndian ?? ''}`))
  return stored.length === job.inputs.length && types.size === 1 ? stored : undefined
}

async function runByteBand(
  context: BandContext,
  job: TensorJob,
  inputs: readonly StoredInput[],
  output: CompiledOutput,
  band: Band,
): Promise<void> {
  const { codec } = context
  const { rowLength } = rowsOf(job.shape)
  const input = inputs[0]!
  const runs = runsOf(output, ...chainRows(output, band, rowLength))
  const source = {
    from: input.type,
    rows: band.end - band.start,
    rowLength,
    ...(input.bigEndian ? { bigEndian: true as const } : {}),
    ...originOf(job, band),
  }
  const byteLength = runs.reduce((sum, run) => sum + run.count, 0) * bytesOf(input.type, output.shape.length === 1 ? 1 : output.rowLength)
  let kept: Uint8Array | undefined
  const targets = targetsOf(job, band)
  for (const [index, target] of targets.entries()) {
    const view = codec.input(byteLength)
    if (kept !== undefined) view.set(kept)
    else {
      await readRuns(inputs, runs, view, context.readInto)
      // The codec may reuse its memory, so further outputs need the source bytes kept aside.
      if (targets.length > index + 1) kept = view.slice()
    }
    const bytes = codec.encode({ ...source, to: target.type, ...importanceOf(context.plan, target, job, band) })
    await writeBand(context, job, target, band, bytes)
  }
}

async function runFloatBand(context: BandContext, job: TensorJob, output: CompiledOutput, band: Band): Promise<void> {
  const { rowLength } = rowsOf(job.shape)
  const [start, end] = chainRows(output, band, rowLength)
  const values = await floatRows(output, job.inputs, start, end, context.codec, context.readInto)
  for (const target of targetsOf(job, band)) {
    context.codec.input(values.byteLength).set(new Uint8Array(values.buffer))
    const rows = { from: 'F32', rows: band.end - band.start, rowLength, ...originOf(job, band) } as const
    const bytes = context.codec.encode({ ...rows, to: target.type, ...importanceOf(context.plan, target, job, band) })
    await writeBand(context, job, target, band, bytes)
  }
}

/** Bands keep to one matrix of a stack, so a target that takes one matrix takes whole bands. */
function targetsOf(job: TensorJob, band: Band): readonly JobTarget[] {
  return job.targets.filter(({ rows }) => rows === undefined || (band.start >= rows.start && band.end <= rows.start + rows.count))
}

async function writeBand(context: BandContext, job: TensorJob, target: JobTarget, band: Band, bytes: Uint8Array): Promise<void> {
  const { rows, rowLength } = rowsOf(job.shape)
  const { start, count } = target.rows ?? { start: 0, count: rows }
  const place = { first: band.start - start, count: band.end - band.start, of: count, rowLength }
  await writeRows(context.codec, context.write, target, place, bytes)
}

/** A vector is one row to an encoder and as many rows as elements to a chain. */
function chainRows(output: CompiledOutput, band: Band, rowLength: number): readonly [number, number] {
  const scale = output.shape.length === 1 ? rowLength : 1
  return [band.start * scale, band.end * scale]
}

function originOf(job: TensorJob, band: Band) {
  return { origin: { tensor: job.tensor, firstRow: band.start } }
}

/** A mixture's matrix has one list of weights for each expert, all in one array. */
export function importanceOf(plan: ConversionPlan, target: JobTarget, job: TensorJob, band: Band): { readonly importance?: Float32Array } {
  const all = target.importance === undefined ? undefined : plan.importance[target.importance]
  if (all === undefined) return {}
  const { rows, rowLength } = rowsOf(job.shape)
  const expert = Math.floor(band.start / (rows / (all.length / rowLength)))
  return { importance: all.subarray(expert * rowLength, (expert + 1) * rowLength) }
}
