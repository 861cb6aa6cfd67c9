// Executes a plan on the calling thread, over any byte sources and any place to write: the browser's way, and the plainest one.
// Files, threads and resuming are in `../node`.
import type { ByteSource } from '@fs/core'
import type { RowCodec } from '@fs/quant'
import { convertError } from '../errors.ts'
import type { ConversionPlan } from '../plan/conversion-plan.ts'
import { bandsOf } from './bands.ts'
import type { OnProgress } from './progress.ts'
import { runBand } from './run-band.ts'
import type { Write } from './write-rows.ts'

/**
 * @param sources in the plan's order
 * @throws FsError `convert/source-changed`, `convert/interrupted`, and what sources, codec and writer throw
 */
export async function executeInline(
  plan: ConversionPlan,
  sources: readonly ByteSource[],
  codec: RowCodec,
  write: Write,
  options: { readonly signal?: AbortSignal; readonly onProgress?: OnProgress } = {},
): Promise<void> {
  for (const [index, source] of sources.entries()) checkSource(plan, index, source.size)
  for (const [index, output] of plan.outputs.entries()) for (const { offset, bytes } of output.literals) await write(index, offset, bytes)
  const bands = bandsOf(plan)
  const totalBytes = plan.outputs.reduce((sum, output) => sum + output.size, 0)
  let writtenBytes = 0
  const readInto = async (source: number, offset: number, target: Uint8Array) =>
    target.set(await sources[source]!.read(offset, target.length))
  const counted: Write = async (output, offset, bytes) => {
    await write(output, offset, bytes)
    writtenBytes += bytes.length
  }
  for (const [doneBands, band] of bands.entries()) {
    if (options.signal?.aborted) throw convertError('convert/interrupted', 'the conversion was stopped')
    await runBand({ plan, codec, readInto, write: counted }, band)
    options.onProgress?.({ doneBands: doneBands + 1, totalBands: bands.length, writtenBytes, totalBytes })
  }
}

/** @throws FsError `convert/source-changed` when a source is not as long as it was when the plan was made. */
export function checkSource(plan: ConversionPlan, index: number, size: number): void {
  const planned = plan.sources[index]!
  if (size !== planned.size) {
    throw convertError(
      'convert/source-changed',
      `${planned.name} is ${size} bytes now but was ${planned.size} when the conversion was planned; start again`,
      {
        file: planned.name,
      },
    )
  }
}
