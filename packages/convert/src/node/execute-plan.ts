// Executes a plan on worker threads into files: locked, resumable, and visible under their final names only when complete.
// What one band does is in `../execute`; what a partial file is, in `partial-file.ts`.
import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { FsError } from '@fs/core'
import { compileKernels } from '@fs/quant/wasm'
import { convertError } from '../errors.ts'
import { bandsOf } from '../execute/bands.ts'
import type { OnProgress } from '../execute/progress.ts'
import type { ConversionPlan } from '../plan/conversion-plan.ts'
import { type Journal, openJournal } from './journal.ts'
import { checkRoom, openPartialFile, type PartialFile } from './partial-file.ts'
import { type SharedState, sharedState, sharedStateSize } from './shared-state.ts'
import type { WorkerInput, WorkerMessage } from './worker-protocol.ts'

export type ExecuteOptions = {
  /** Default: all cores. */
  readonly threads?: number
  /** What to do about an output that exists. */
  readonly existing?: 'refuse' | 'replace'
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}

/** Milliseconds between progress reports, and between records of what is done. */
const PROGRESS_INTERVAL = 100
const JOURNAL_INTERVAL = 2000

/**
 * Writes every output of a plan.
 * @returns how many bands were taken over from an earlier, stopped run
 * @throws FsError `convert/interrupted` after an abort (what is done is kept for the next run), and what planning's checks, codecs and files throw
 */
export async function executePlan(plan: ConversionPlan, options: ExecuteOptions = {}): Promise<{ readonly resumedBands: number }> {
  const bands = bandsOf(plan)
  const outputs: PartialFile[] = []
  checkRoom(plan.outputs)
  try {
    for (const output of plan.outputs) outputs.push(openPartialFile(output.path, output.size, options.existing ?? 'refuse'))
    const journal = openJournal(outputs[0]!.journalPath, plan, bands.length, plan.sources.map(stampOf))
    const state = sharedState(new SharedArrayBuffer(sharedStateSize(bands.length)))
    const resumedBands = resume(state, journal, outputs)
    for (const [index, output] of plan.outputs.entries())
      for (const { offset, bytes } of output.literals) outputs[index]!.write(offset, bytes)
    await runWorkers(plan, bands.length, resumedBands, state, outputs, journal, options)
    for (const output of outputs) await output.sync()
    for (const output of outputs) output.publish()
    journal.remove()
    return { resumedBands }
  } catch (error) {
    // An interrupt or a full disk keeps the work; anything else would fail again in the same way.
    const keep = FsError.is(error) && (error.code === 'convert/interrupted' || error.code === 'convert/disk-full')
    for (const output of outputs) keep ? output.leave() : output.discard()
    throw error
  }
}

/** Marks bands an earlier run finished; they count only if every output still has its partial file. */
function resume(state: SharedState, journal: Journal, outputs: readonly PartialFile[]): number {
  if (!outputs.every((output) => output.existed)) return 0
  let resumed = 0
  for (const [band, done] of journal.done.entries()) {
    if (done === 0) continue
    state.finish(band, 0)
    resumed++
  }
  return resumed
}

async function runWorkers(
  plan: ConversionPlan,
  bands: number,
  resumed: number,
  state: SharedState,
  outputs: readonly PartialFile[],
  journal: Journal,
  options: ExecuteOptions,
): Promise<void> {
  const threads = Math.max(1, Math.min(options.threads ?? availableParallelism(), bands - resumed))
  const totalBytes = plan.outputs.reduce((sum, output) => sum + output.size, 0)
  const report = () =>
    options.onProgress?.({ doneBands: state.doneBands(), totalBands: bands, writtenBytes: state.writtenBytes(), totalBytes })
  const abort = () => state.stop()
  options.signal?.addEventListener('abort', abort, { once: true })
  if (options.signal?.aborted) abort()
  const progressTimer = setInterval(report, PROGRESS_INTERVAL)
  const recorder = startRecorder(state, outputs, journal)
  try {
    const kernels = await compileKernels()
    // Threads write no literals, and a vocabulary copied to each would be memory spent for nothing.
    const outputsAlone = plan.outputs.map((output) => ({ ...output, literals: [] }))
    const workerData: WorkerInput = {
      plan: { ...plan, outputs: outputsAlone },
      memory: state.memory,
      descriptors: outputs.map((output) => output.descriptor),
      kernels,
    }
    const results = await Promise.allSettled(bands === resumed ? [] : Array.from({ length: threads }, () => runWorker(workerData)))
    const failure = results.find((result) => result.status === 'rejected')
    if (failure !== undefined) throw failure.reason
    if (state.doneBands() < bands) {
      throw convertError(
        'convert/interrupted',
        `stopped with ${state.doneBands()} of ${bands} parts written; run the same command again to continue`,
        {
          done: state.doneBands(),
          total: bands,
        },
      )
    }
    report()
  } finally {
    clearInterval(progressTimer)
    options.signal?.removeEventListener('abort', abort)
    await recorder.stop(state.doneBands() < bands)
  }
}

/** Every two seconds: flush, then record what was done before the flush. The order is what makes the record true after a power cut. */
function startRecorder(state: SharedState, outputs: readonly PartialFile[], journal: Journal) {
  let running: Promise<void> = Promise.resolve()
  const record = async () => {
    const done = state.doneMap()
    for (const output of outputs) await output.sync()
    journal.save(done)
  }
  const timer = setInterval(() => {
    running = running.then(record)
    // A failed record costs only the chance to resume; the conversion itself reports the disk's error.
    running.catch(() => clearInterval(timer))
  }, JOURNAL_INTERVAL)
  return {
    stop: async (unfinished: boolean) => {
      clearInterval(timer)
      await running.catch(() => undefined)
      if (unfinished) await record().catch(() => undefined)
    },
  }
}

function stampOf(source: ConversionPlan['sources'][number]): string {
  return source.location.kind === 'file' ? String(statSync(source.location.path).mtimeMs) : JSON.stringify(source.location)
}

/** The worker's own file: TypeScript when run from source, JavaScript when built. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

function runWorker(workerData: WorkerInput): Promise<void> {
  return new Promise((resolve, reject) => {
    // A small young generation: a worker's data lies outside the JavaScript heap, and two cores' worth of idle heap would be memory spent for nothing.
    const worker = new Worker(workerFile, { workerData, resourceLimits: { maxYoungGenerationSizeMb: 8 } })
    let outcome: WorkerMessage | undefined
    worker.once('message', (message: WorkerMessage) => {
      outcome = message
    })
    worker.once('error', reject)
    worker.once('exit', () => {
      if (outcome?.kind === 'finished') resolve()
      else if (outcome?.kind === 'failed') reject(new FsError(outcome.code, outcome.message, { details: outcome.details }))
      else reject(convertError('convert/worker-failed', 'a worker thread ended before its work was done; run the same command again', {}))
    })
  })
}
