// Writes a planned LiteRT-LM bundle: a band of weights at a time, under a temporary name until the file is whole.
// Scales of quantized weights lie in the flatbuffer at the front, so bytes do not come in order and nothing is resumed.
import { ftruncateSync } from 'node:fs'
import { writeTflite } from '@fs/litertlm/graph'
import { wasmRowCodec, wasmRowsInt8 } from '@fs/quant/wasm'
import { convertError } from '../errors.ts'
import type { LitertlmPlan } from '../litertlm/plan-litertlm.ts'
import type { OpenedModel } from '../open-model.ts'
import { modelWeights } from '../weight-reader.ts'
import { checkRoom, openPartialFile } from './partial-file.ts'

export type WriteLitertlmOptions = {
  /** What to do about a file that exists. */
  readonly existing?: 'refuse' | 'replace'
  readonly signal?: AbortSignal
  readonly onProgress?: (writtenBytes: number, totalBytes: number) => void
}

/**
 * @param model the one the plan was made of, still open
 * @throws FsError `convert/output-exists`, `convert/output-busy`, `convert/output-unwritable`, `convert/disk-full`, `convert/interrupted`, and what
 * reading and quantizing throw; whatever is thrown, nothing is left under the final name or beside it
 */
export async function writeLitertlm(
  model: OpenedModel,
  plan: LitertlmPlan,
  path: string,
  options: WriteLitertlmOptions = {},
): Promise<void> {
  checkRoom([{ path, size: plan.size }])
  const output = openPartialFile(path, plan.size, options.existing ?? 'refuse')
  try {
    // What an earlier run may have left there is no part of this file, gaps included.
    ftruncateSync(output.descriptor, 0)
    ftruncateSync(output.descriptor, plan.size)
    for (const { offset, bytes } of plan.pieces) output.write(offset, bytes)
    const { offset: start, plan: tflite } = plan.tflite
    const codec = await wasmRowCodec()
    try {
      await writeTflite(tflite, modelWeights(model), async (offset, bytes) => output.write(start + offset, bytes), {
        codec,
        rowsInt8: await wasmRowsInt8(),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        onProgress: (writtenBytes) => options.onProgress?.(writtenBytes, tflite.byteLength),
      })
    } finally {
      codec.dispose()
    }
    await output.sync()
    output.publish()
  } catch (error) {
    output.discard()
    if (options.signal?.aborted) throw convertError('convert/interrupted', `stopped; nothing of ${path} is left`, { file: path }, error)
    throw error
  }
}
