// The row codec in plain TypeScript: the specification of every other one, and what runs where WebAssembly SIMD is missing.
// No arithmetic of its own: it cuts a band of rows into pieces that fit a small float32 buffer and calls the block types.
import { encodableType } from './block-types.ts'
import { quantError } from './errors.ts'
import type { DecodeJob, EncodeJob, RowCodec } from './row-codec.ts'
import { decodeStored, storedBytes, swapToLittleEndian } from './stored-rows.ts'
import { locateWeightError } from './weight-errors.ts'

/** Numbers decoded at a time: a multiple of every block size, small enough for 256 kB of float32 to stay in the cache. */
const PIECE = 65536

/** Makes a codec whose memory is the largest input seen, its encoded form, and 256 kB (or one row, with importance weights). */
export function plainRowCodec(): RowCodec {
  let memory = new ArrayBuffer(0)
  let inputLength = 0
  let disposed = false

  function input(byteLength: number): Uint8Array {
    requireAlive()
    if (byteLength > memory.byteLength) memory = new ArrayBuffer(byteLength)
    inputLength = byteLength
    return new Uint8Array(memory, 0, byteLength)
  }

  function source(job: DecodeJob): Uint8Array {
    requireAlive()
    const bytes = new Uint8Array(memory, 0, inputLength)
    const expected = job.rows * storedBytes(job.from, job.rowLength)
    if (inputLength !== expected) {
      const message = `${job.rows} rows of ${job.rowLength} numbers take ${expected} bytes as ${job.from}, but the input holds ${inputLength}.`
      throw quantError('quant/buffer-length', message, { type: job.from, expected, actual: inputLength })
    }
    if (job.bigEndian) swapToLittleEndian(job.from, bytes)
    return bytes
  }

  function requireAlive(): void {
    if (disposed) throw quantError('quant/disposed', 'This codec was disposed of; make another one.')
  }

  return {
    input,
    encode(job) {
      const bytes = source(job)
      return job.from === job.to ? bytes : encodeRows(job, bytes)
    },
    decode(job) {
      const bytes = source(job)
      const numbers = new Float32Array(job.rows * job.rowLength)
      decodeStored(job.from, bytes, numbers)
      return numbers
    },
    dispose() {
      disposed = true
      memory = new ArrayBuffer(0)
    },
  }
}

function encodeRows(job: EncodeJob, bytes: Uint8Array): Uint8Array {
  const { from, to, rowLength, importance } = job
  const target = encodableType(to)
  if (importance !== undefined && importance.length !== rowLength) {
    const message = `There are ${importance.length} importance weights for rows of ${rowLength} numbers; the importance matrix is another model's.`
    throw quantError('quant/importance-length', message, { length: importance.length, rowLength })
  }
  const encoded = new Uint8Array(job.rows * storedBytes(to, rowLength))
  const total = job.rows * rowLength
  // With importance weights a piece is whole rows; without, blocks are independent of one another.
  const pieceLength = importance === undefined ? PIECE : rowLength * Math.max(1, Math.floor(PIECE / rowLength))
  const numbers = new Float32Array(Math.min(pieceLength, total))
  for (let start = 0; start < total; start += pieceLength) {
    const end = Math.min(start + pieceLength, total)
    const piece = numbers.subarray(0, end - start)
    decodeStored(from, bytes.subarray(storedBytes(from, start), storedBytes(from, end)), piece)
    try {
      target.quantize(piece, encoded.subarray(storedBytes(to, start), storedBytes(to, end)), importance)
    } catch (error) {
      throw locateWeightError(error, originOf(job, start))
    }
  }
  return encoded
}

function originOf({ origin, rowLength }: EncodeJob, start: number) {
  if (origin === undefined) return { rowLength, start }
  return { tensor: origin.tensor, rowLength, start: origin.firstRow * rowLength + start }
}
