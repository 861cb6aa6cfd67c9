// The row codec on the WebAssembly kernels: same bytes and same errors as the plain one, several times faster.
// No arithmetic of its own; a job the kernels cannot do to the letter goes to the plain codec.
import type { TensorType } from '@fs/core'
import { weightLimit } from '../block-checks.ts'
import { quantError } from '../errors.ts'
import { plainRowCodec } from '../plain-row-codec.ts'
import type { DecodeJob, EncodeJob, RowCodec } from '../row-codec.ts'
import { decodeStored, storedBlock, storedBytes, swapToLittleEndian } from '../stored-rows.ts'
import { bookLoader } from './books.ts'
import { type KernelExports, kernelNames } from './kernels.ts'
import { compileKernels } from './module.ts'

/** Numbers handled at a time: a multiple of every block size, and 64 kB as float32, so that they stay in the second-level cache. */
const PIECE = 16384
const WASM_PAGE = 65536

type EncodeNumbers = (source: number, destination: number, count: number, importance: number) => void

/**
 * Makes a codec with its own memory, for one thread: the largest input seen, its encoded form, and 64 kB (or one row, with importance weights).
 * @param module From `compileKernels`, posted to this thread; by default compiled here.
 */
export async function wasmRowCodec(module?: WebAssembly.Module): Promise<RowCodec> {
  const { exports } = await WebAssembly.instantiate(module ?? (await compileKernels()), {})
  return codecOf(exports as KernelExports)
}

function codecOf(kernels: KernelExports): RowCodec {
  const inputAddress = alignUp(kernels.heapBase())
  const loadBook = bookLoader(kernels)
  let inputLength = 0
  let disposed = false

  function requireAlive(): void {
    if (disposed) throw quantError('quant/disposed', 'This codec was disposed of; make another one.')
  }

  /** Reserves `lengths` bytes one after another behind the input. @returns Their addresses. */
  function reserve<const Lengths extends readonly number[]>(lengths: Lengths): { readonly [Index in keyof Lengths]: number } {
    let address = alignUp(inputAddress + inputLength)
    const addresses = lengths.map((length) => {
      const start = address
      address = alignUp(start + length)
      return start
    })
    const missing = address - kernels.memory.buffer.byteLength
    if (missing > 0) kernels.memory.grow(Math.ceil(missing / WASM_PAGE))
    return addresses as { readonly [Index in keyof Lengths]: number }
  }

  function bytesAt(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(kernels.memory.buffer as ArrayBuffer, address, length)
  }

  function floatsAt(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(kernels.memory.buffer as ArrayBuffer, address, length)
  }

  function littleEndianInput(job: DecodeJob): Uint8Array {
    requireAlive()
    const bytes = bytesAt(inputAddress, inputLength)
    const expected = job.rows * storedBytes(job.from, job.rowLength)
    if (inputLength !== expected) {
      const message = `${job.rows} rows of ${job.rowLength} numbers take ${expected} bytes as ${job.from}, but the input holds ${inputLength}.`
      throw quantError('quant/buffer-length', message, { type: job.from, expected, actual: inputLength })
    }
    if (job.bigEndian) swapToLittleEndian(job.from, bytes)
    return bytes
  }

  function decodeNumbers(from: TensorType, source: number, destination: number, count: number): void {
    const { decode } = kernelNames(from)
    loadBook(from)
    if (decode !== undefined) kernels[decode](source, destination, count / storedBlock(from).blockSize)
    else decodeStored(from, bytesAt(source, storedBytes(from, count)), floatsAt(destination, count))
  }

  /** The kernel for a job, or undefined where there is none or its importance weights do not fit: then the plain codec speaks. */
  function encoderOf({ to, rowLength, importance }: EncodeJob): EncodeNumbers | undefined {
    const { encode, encodeWeighted } = kernelNames(to)
    const { blockSize } = storedBlock(to)
    if (importance !== undefined && importance.length !== rowLength) return undefined
    if (importance !== undefined && encodeWeighted !== undefined) {
      return (source, destination, count, weights) => kernels[encodeWeighted](source, destination, count / blockSize, weights)
    }
    return encode && ((source, destination, count) => kernels[encode](source, destination, count / blockSize))
  }

  /** @returns The address of the encoded bytes, or undefined when a number or a weight is not one the kernels may judge. */
  function encodeNumbers(job: EncodeJob, encode: EncodeNumbers): number | undefined {
    const { from, to, rowLength, importance } = job
    const total = job.rows * rowLength
    const pieceLength = importance === undefined ? PIECE : rowLength
    const inPlace = from === 'F32'
    const [output, weights, numbers] = reserve([
      job.rows * storedBytes(to, rowLength),
      (importance?.length ?? 0) * 4,
      inPlace ? 0 : Math.min(pieceLength, total) * 4,
    ])
    if (importance !== undefined) floatsAt(weights, rowLength).set(importance)
    if (importance !== undefined && !kernels.allFinite(weights, rowLength)) return undefined
    kernels.takeOverflow()
    for (let start = 0; start < total; start += pieceLength) {
      const count = Math.min(pieceLength, total - start)
      const source = inputAddress + storedBytes(from, start)
      const piece = inPlace ? source : numbers
      if (!inPlace) decodeNumbers(from, source, piece, count)
      if (storedBlock(to).blockSize > 1 && !kernels.allBelow(piece, count, weightLimit(to))) return undefined
      encode(piece, output + storedBytes(to, start), count, weights)
    }
    return kernels.takeOverflow() ? undefined : output
  }

  function encodePlainly(job: EncodeJob): Uint8Array {
    const plain = plainRowCodec()
    plain.input(inputLength).set(bytesAt(inputAddress, inputLength))
    const { bigEndian: _, ...littleEndian } = job
    return plain.encode(littleEndian)
  }

  function encode(job: EncodeJob): Uint8Array {
    const bytes = littleEndianInput(job)
    if (job.from === job.to) return bytes
    if (job.to === 'F32') {
      const numbers = decodeRows(job)
      return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
    }
    const encodeBlocks = encoderOf(job)
    if (encodeBlocks === undefined) return encodePlainly(job)
    loadBook(job.to)
    const output = encodeNumbers(job, encodeBlocks)
    if (output === undefined) return encodePlainly(job)
    return bytesAt(output, job.rows * storedBytes(job.to, job.rowLength))
  }

  function decodeRows(job: DecodeJob): Float32Array<ArrayBuffer> {
    const total = job.rows * job.rowLength
    const [numbers] = reserve([total * 4])
    decodeNumbers(job.from, inputAddress, numbers, total)
    return floatsAt(numbers, total)
  }

  return {
    input(byteLength) {
      requireAlive()
      inputLength = byteLength
      reserve([])
      return bytesAt(inputAddress, byteLength)
    },
    encode,
    decode(job) {
      littleEndianInput(job)
      return decodeRows(job)
    },
    dispose() {
      disposed = true
    },
  }
}

function alignUp(address: number): number {
  return Math.ceil(address / 16) * 16
}
