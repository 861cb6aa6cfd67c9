// Works out which bytes of a file a recorded tensor takes, once it is known where the storages lie. Exact arithmetic, no data read.
import { DTYPES, type TensorInfo } from '@fs/core'
import { fail } from '../errors.ts'
import type { TensorRecord } from './tensor-record.ts'

/** Where a storage's bytes lie in the file. */
export type StoragePlace = { readonly offset: number; readonly size: number }

/** What differs between files, not tensors. */
export type PlacingContext = {
  readonly file: string
  readonly storages: ReadonlyMap<string, StoragePlace>
  readonly endianness: 'little' | 'big'
}

/**
 * Holds a tensor against its storage.
 * @throws FsError pytorch/storage-missing, pytorch/storage-size, pytorch/storage-range, pytorch/expanded
 */
export function placeTensor(name: string, record: TensorRecord, context: PlacingContext): Omit<TensorInfo, 'file'> {
  const { file, endianness } = context
  const { type, shape, strides, start } = record
  const storage = context.storages.get(record.storage)
  if (storage === undefined) {
    throw fail('pytorch/storage-missing', `${file}: the storage "${record.storage}" of tensor "${name}" is not in the file; it is cut`, {
      file,
      tensor: name,
    })
  }
  if (storage.size !== record.storageBytes) {
    const message = `${file}: the storage of tensor "${name}" has ${storage.size} bytes; ${record.storageBytes} are declared`
    throw fail('pytorch/storage-size', message, { file, tensor: name, size: storage.size, declared: record.storageBytes })
  }
  const width = BigInt(DTYPES[type].bytes)
  const elements = shape.reduce((product, size) => product * BigInt(size), 1n)
  const last = shape.reduce((sum, size, dimension) => sum + BigInt(Math.max(0, size - 1)) * BigInt(strides[dimension]!), 0n)
  const span = elements === 0n ? 0n : (last + 1n) * width
  if (BigInt(start) * width + span > BigInt(storage.size)) {
    throw fail('pytorch/storage-range', `${file}: tensor "${name}" reaches beyond its storage of ${storage.size} bytes`, {
      file,
      tensor: name,
    })
  }
  // A stride of 0 makes one element stand for any number: a few bytes could ask for terabytes of output.
  if (elements * width > BigInt(storage.size)) {
    const message = `${file}: tensor "${name}" repeats its storage ${elements * width} / ${storage.size} times; save it with .contiguous()`
    throw fail('pytorch/expanded', message, { file, tensor: name, elements })
  }
  return {
    name,
    type,
    shape,
    offset: storage.offset + start * DTYPES[type].bytes,
    byteLength: Number(span),
    ...(isContiguous(shape, strides) ? {} : { strides }),
    ...(endianness === 'big' ? { bigEndian: true as const } : {}),
  }
}

/** Whether strides are those of row-major order; the stride of a dimension of one element does not matter. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
    const size = shape[dimension]!
    if (size === 0) return true
    if (size !== 1 && strides[dimension] !== expected) return false
    expected *= size
  }
  return true
}
