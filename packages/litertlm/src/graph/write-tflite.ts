// Fills a planned TFLite file: reads each weight a band of rows at a time, encodes it and hands the bytes on.
// Where the bytes go (a file, a section of a bundle, memory) is the caller's business.
import { plainRowCodec, type RowCodec } from '@fs/quant'
import { quantizeRowsInt8 } from '@fs/quant/litert'
import { encodeRows, type RowsInt8 } from '../quantization/encode-rows.ts'
import type { TflitePlan, WeightBuffer, WeightReader } from './tflite-plan.ts'

export type WriteTfliteOptions = {
  /** Decodes stored weights; the WebAssembly one is several times faster than the plain one. */
  readonly codec?: RowCodec
  /** Rounds rows to int8; `wasmRowsInt8` of `@fs/quant/wasm` does in a fifth of the time what the plain version does. */
  readonly rowsInt8?: RowsInt8
  readonly signal?: AbortSignal
  /** Called after each band with the bytes written so far. */
  readonly onProgress?: (writtenBytes: number) => void
}

/** Numbers in a band, roughly: 4 MiB of float32. */
const BAND = 1 << 20

/**
 * Calls `write` with every byte of the file but gaps, which are zero. Offsets count from the start of the TFLite file. The flatbuffer comes
 * first; the scales of quantized weights are then written into it.
 * `bytes` is only valid until `write` returns.
 * @throws FsError `litertlm/weight` for numbers the quantization cannot hold, and what reader, codec, writer and signal throw
 */
export async function writeTflite(
  plan: TflitePlan,
  weights: WeightReader,
  write: (offset: number, bytes: Uint8Array) => Promise<void>,
  options: WriteTfliteOptions = {},
): Promise<void> {
  const codec = options.codec ?? plainRowCodec()
  let writtenBytes = 0
  const counted = async (offset: number, bytes: Uint8Array) => {
    await write(offset, bytes)
    writtenBytes += bytes.length
    options.onProgress?.(writtenBytes)
  }
  try {
    await counted(0, plan.flatbuffer)
    for (const buffer of plan.buffers) {
      if (plan.weights === 'inline') await counted(buffer.offset - 4, lengthPrefix(buffer.byteLength))
      await writeBuffer(buffer, weights, codec, options.rowsInt8 ?? quantizeRowsInt8, counted, options.signal)
    }
  } finally {
    if (options.codec === undefined) codec.dispose()
  }
}

async function writeBuffer(
  buffer: WeightBuffer,
  weights: WeightReader,
  codec: RowCodec,
  rowsInt8: RowsInt8,
  write: (offset: number, bytes: Uint8Array) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { rows, rowLength, encoding } = buffer
  const bandRows = Math.max(1, Math.floor(BAND / rowLength))
  for (let first = 0; first < rows; first += bandRows) {
    signal?.throwIfAborted()
    const count = Math.min(bandRows, rows - first)
    // A vector is one row here, and as many rows as numbers to the reader.
    const [start, amount] = rows === 1 ? [0, rowLength] : [first, count]
    const { type, bytes } = await weights.read(buffer.tensor, start, amount)
    codec.input(bytes.length).set(bytes)
    const values = codec.decode({ from: type, rows: 1, rowLength: count * rowLength })
    if (buffer.add !== 0) for (let index = 0; index < values.length; index++) values[index]! += buffer.add
    const encoded = encodeRows(encoding, values, rowLength, rowsInt8, { tensor: buffer.tensor, firstRow: first })
    await write(buffer.offset + (buffer.byteLength / rows) * first, encoded.data)
    if (encoded.scales !== null && 'scalesOffset' in encoding) {
      await write(encoding.scalesOffset + (encoded.scales.length / count) * first, encoded.scales)
    }
  }
}

function lengthPrefix(byteLength: number): Uint8Array {
  const prefix = new Uint8Array(4)
  new DataView(prefix.buffer).setUint32(0, byteLength, true)
  return prefix
}
