// A worker thread: takes bands from the shared state until there are none. Reads sources itself and writes outputs itself,
// so no tensor passes through the main thread.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { type ByteSource, FsError } from '@fs/core'
import { httpSource } from '@fs/formats/bytes'
import { plainRowCodec } from '@fs/quant'
import { wasmRowCodec } from '@fs/quant/wasm'
import { convertError } from '../errors.ts'
import { bandsOf } from '../execute/bands.ts'
import { checkSource } from '../execute/execute-inline.ts'
import type { ReadInto } from '../execute/read-rows.ts'
import { runBand } from '../execute/run-band.ts'
import type { ConversionPlan, PlanSource } from '../plan/conversion-plan.ts'
import { writeFully } from './partial-file.ts'
import { sharedState } from './shared-state.ts'
import type { WorkerInput, WorkerMessage } from './worker-protocol.ts'

const input = workerData as WorkerInput

type OpenSource = {
  readonly readInto: (offset: number, target: Uint8Array) => void | Promise<void>
  readonly close: () => void | Promise<void>
}

async function work(): Promise<void> {
  const { plan, memory, descriptors, kernels } = input
  const state = sharedState(memory)
  const bands = bandsOf(plan)
  const codec = kernels === undefined ? plainRowCodec() : await wasmRowCodec(kernels)
  const sources = new Map<number, OpenSource>()
  const readInto: ReadInto = async (index, offset, target) => {
    const source = sources.get(index) ?? (await openSource(plan, index))
    sources.set(index, source)
    await source.readInto(offset, target)
  }
  let written = 0
  const write = async (output: number, offset: number, bytes: Uint8Array) => {
    writeFully(descriptors[output]!, offset, bytes, plan.outputs[output]!.path)
    written += bytes.length
  }
  for (let band = state.take(); band >= 0; band = state.take()) {
    written = 0
    await runBand({ plan, codec, readInto, write }, bands[band]!)
    state.finish(band, written)
  }
  codec.dispose()
  for (const source of sources.values()) await source.close()
}

async function openSource(plan: ConversionPlan, index: number): Promise<OpenSource> {
  const source = plan.sources[index]!
  if (source.location.kind === 'file') return openFile(plan, index, source, source.location.path)
  if (source.location.kind === 'http') {
    const { url, headers } = source.location
    const remote: ByteSource = await httpSource(url, { name: source.name, ...(headers === undefined ? {} : { headers }) })
    checkSource(plan, index, remote.size)
    return { readInto: async (offset, target) => target.set(await remote.read(offset, target.length)), close: () => remote.close() }
  }
  throw convertError('convert/source-changed', `${source.name} lies in memory and cannot be read by another thread`, { file: source.name })
}

function openFile(plan: ConversionPlan, index: number, source: PlanSource, path: string): OpenSource {
  const descriptor = openSync(path, 'r')
  checkSource(plan, index, fstatSync(descriptor).size)
  return {
    readInto: (offset, target) => {
      for (let done = 0; done < target.length; ) {
        const count = readSync(descriptor, target, done, target.length - done, offset + done)
        if (count === 0)
          throw convertError('convert/source-changed', `${source.name} became shorter while it was read; start again`, {
            file: source.name,
          })
        done += count
      }
    },
    close: () => closeSync(descriptor),
  }
}

function report(message: WorkerMessage): void {
  parentPort?.postMessage(message)
}

work().then(
  () => report({ kind: 'finished' }),
  (error: unknown) => {
    sharedState(input.memory).stop()
    const known = FsError.is(error)
    const message = error instanceof Error ? error.message : String(error)
    report({
      kind: 'failed',
      code: known ? error.code : 'convert/worker-failed',
      message: known ? message : `a worker thread failed: ${message}`,
      details: known ? error.details : {},
      stack: error instanceof Error ? error.stack : undefined,
    })
  },
)
