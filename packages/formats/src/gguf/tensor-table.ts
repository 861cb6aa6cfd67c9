// Reads the tensor records of a GGUF header and works out, in exact arithmetic, which bytes of the file each tensor takes.
// It reads no tensor data.
import { type FsError, GGML_TYPES, type GgmlType, ggmlTypeById, type TensorInfo } from '@fs/core'
import { fail } from '../errors.ts'
import { MAX_DIMENSIONS, MAX_NAME_LENGTH, MAX_TENSORS } from './limits.ts'
import { checkCount, type HeaderContext, type Report, readLength, readString } from './metadata.ts'

/** A tensor as its record declares it; the offset counts from the start of the data section. */
export type TensorRecord = {
  readonly name: string
  readonly type: GgmlType
  /** Outermost dimension first: the reverse of the file. */
  readonly shape: readonly number[]
  readonly offset: number
  readonly byteLength: number
}

/** Ids that ggml once had, for a sentence that helps more than "unknown type" (ggml.h, `enum ggml_type`). */
const REMOVED_TYPES: ReadonlyMap<number, string> = new Map([
  [4, 'Q4_2, removed from ggml in 2023'],
  [5, 'Q4_3, removed from ggml in 2023'],
  [31, 'Q4_0_4_4, removed from ggml in 2024; quantize again to Q4_0, which is repacked on loading'],
  [32, 'Q4_0_4_8, removed from ggml in 2024; quantize again to Q4_0, which is repacked on loading'],
  [33, 'Q4_0_8_8, removed from ggml in 2024; quantize again to Q4_0, which is repacked on loading'],
  [36, 'IQ4_NL_4_4, removed from ggml in 2024'],
  [37, 'IQ4_NL_4_8, removed from ggml in 2024'],
  [38, 'IQ4_NL_8_8, removed from ggml in 2024'],
])

/**
 * Reads `count` records. A lenient reader leaves out the tensors whose extent cannot be known.
 * @throws FsError gguf/declared-size, gguf/limit, gguf/truncated, gguf/tensor-name, gguf/duplicate-tensor, gguf/dimensions, gguf/tensor-size,
 * gguf/tensor-type, gguf/partial-block
 */
export async function readTensorTable(context: HeaderContext, count: number): Promise<TensorRecord[]> {
  // Name length, dimension count, type, offset: the record of a nameless scalar.
  checkCount(context, count, context.lengthBytes + 4 + 4 + 8, 'tensors')
  if (count > MAX_TENSORS)
    throw fail('gguf/limit', `${context.cursor.name} declares ${count} tensors; at most ${MAX_TENSORS} are read`, { count })
  const records = new Map<string, TensorRecord>()
  for (let index = 0; index < count; index++) {
    const record = await readRecord(context, index)
    if (record === undefined) continue
    if (records.has(record.name)) {
      context.report(fail('gguf/duplicate-tensor', `${context.cursor.name}: tensor "${record.name}" occurs twice`, { tensor: record.name }))
    } else records.set(record.name, record)
  }
  return [...records.values()]
}

async function readRecord(context: HeaderContext, index: number): Promise<TensorRecord | undefined> {
  const { cursor, report } = context
  const name = await readString(context, `the name of tensor ${index}`)
  if (name === '' || name.length > MAX_NAME_LENGTH) {
    report(
      fail(
        'gguf/tensor-name',
        `${cursor.name}: tensor ${index} has a name of ${name.length} characters; 1 to ${MAX_NAME_LENGTH} are allowed`,
        { index },
      ),
    )
  }
  const what = `tensor "${name.slice(0, MAX_NAME_LENGTH)}"`
  await cursor.fill(4, what)
  const dimensions = cursor.u32()
  if (dimensions > MAX_DIMENSIONS) {
    // A count this wrong means that the reader has lost its way, so a lenient one stops as well.
    throw fail('gguf/dimensions', `${cursor.name}: ${what} has ${dimensions} dimensions; ggml has at most ${MAX_DIMENSIONS}`, {
      tensor: name,
      dimensions,
    })
  }
  const shape: number[] = []
  for (let dimension = 0; dimension < dimensions; dimension++) shape.unshift(await readLength(context, what))
  await cursor.fill(12, what)
  const typeId = cursor.u32()
  const offset = Number(cursor.u64())
  const type = ggmlTypeById(typeId)
  if (type === undefined) {
    const known = REMOVED_TYPES.get(typeId)
    const message = `${cursor.name}: ${what} has type ${typeId} (${known ?? 'unknown to ggml'})`
    report(fail('gguf/tensor-type', message, { tensor: name, type: typeId }))
    return undefined
  }
  const byteLength = tensorBytes(type, shape)
  if (typeof byteLength === 'number') return { name, type, shape, offset, byteLength }
  report(extentError(byteLength.problem, cursor.name, name, type, shape))
  return undefined
}

/**
 * Bytes a contiguous tensor takes, exact, or why it can have none: its rows are not whole blocks, or its size is not a safe integer.
 * @param shape outermost dimension first; a scalar has none
 */
export function tensorBytes(type: GgmlType, shape: readonly number[]): number | { readonly problem: 'partial-block' | 'tensor-size' } {
  const { blockSize, blockBytes } = GGML_TYPES[type]
  const row = shape.at(-1) ?? 1
  if (shape.some((dimension) => !Number.isSafeInteger(dimension) || dimension < 0)) return { problem: 'tensor-size' }
  if (row % blockSize !== 0) return { problem: 'partial-block' }
  let bytes = BigInt(row / blockSize) * BigInt(blockBytes)
  for (const dimension of shape.slice(0, -1)) bytes *= BigInt(dimension)
  return bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : { problem: 'tensor-size' }
}

/** The error for a tensor without an extent. */
export function extentError(
  problem: 'partial-block' | 'tensor-size',
  file: string,
  tensor: string,
  type: GgmlType,
  shape: readonly number[],
): FsError {
  const size = shape.join(' x ')
  if (problem === 'tensor-size')
    return fail('gguf/tensor-size', `${file}: tensor "${tensor}" of shape ${size} is larger than any file`, { file, tensor })
  const { blockSize } = GGML_TYPES[type]
  const message = `${file}: tensor "${tensor}" of shape ${size} cannot be ${type}, whose rows are multiples of ${blockSize}`
  return fail('gguf/partial-block', message, { file, tensor, type, row: shape.at(-1) ?? 1 })
}

/** Where the data section lies and how large its file is. */
export type DataSection = { readonly name: string; readonly start: number; readonly fileSize: number; readonly alignment: number }

/**
 * Holds the tensors' byte ranges against one another and the file: aligned, inside, no two sharing a byte, nothing between or after them but
 * padding. Returns them in the order of their bytes, with offsets from the start of the file. A lenient reader keeps all it can name.
 * @throws FsError gguf/tensor-offset, gguf/tensor-beyond-end, gguf/tensor-overlap, gguf/tensor-gap, gguf/trailing-bytes
 */
export function placeTensors(
  records: readonly TensorRecord[],
  data: DataSection,
  report: Report,
): Omit<TensorInfo, 'file' | 'bigEndian'>[] {
  const sorted = [...records].sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)
  const { name: file, alignment } = data
  let end = data.start
  let padded = data.start
  for (const { name: tensor, offset, byteLength } of sorted) {
    const start = data.start + offset
    if (!Number.isSafeInteger(start + byteLength) || start + byteLength > data.fileSize) {
      const beyond = start + byteLength - data.fileSize
      report(
        fail('gguf/tensor-beyond-end', `${file}: tensor "${tensor}" ends ${beyond} bytes beyond the file; download it again`, {
          file,
          tensor,
          beyond,
        }),
      )
    }
    if (offset % alignment !== 0) {
      report(
        fail('gguf/tensor-offset', `${file}: tensor "${tensor}" starts at ${offset}, not a multiple of ${alignment}`, {
          file,
          tensor,
          offset,
        }),
      )
    } else if (start < end) {
      report(
        fail('gguf/tensor-overlap', `${file}: tensor "${tensor}" starts inside the bytes of the one before it`, { file, tensor, offset }),
      )
    } else if (start !== padded && byteLength > 0) {
      report(
        fail('gguf/tensor-gap', `${file}: ${start - padded} bytes before tensor "${tensor}" belong to no tensor`, {
          file,
          tensor,
          gap: start - padded,
        }),
      )
    }
    end = Math.max(end, start + byteLength)
    padded = align(end, alignment)
  }
  // The padding after the last tensor, or after the header of a file without tensors, may be missing: gguf-py leaves out the latter.
  if (data.fileSize > padded) {
    const extra = data.fileSize - end
    report(
      fail('gguf/trailing-bytes', `${file} goes on for ${extra} bytes after its last tensor; it is damaged or not only GGUF`, {
        file,
        extra,
      }),
    )
  }
  return sorted.map(({ name, type, shape, offset, byteLength }) => ({ name, type, shape, offset: data.start + offset, byteLength }))
}

/** `offset` rounded up to a multiple of `alignment`. */
export function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment
}
