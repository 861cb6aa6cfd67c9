// The container torch.save wrote before PyTorch 1.6 (and does with `_use_new_zipfile_serialization=False`): five pickles, then the storages one
// after the other, each behind its element count (torch/serialization.py, `_legacy_save`).
import { type ByteSource, DTYPES, type Dtype, FsError } from '@fs/core'
import { fail } from '../errors.ts'
import { kindOf, type PickleValue, unpickle } from '../pickle/index.ts'
import { STORAGE_DTYPES, TORCH_GLOBALS } from './globals.ts'
import type { StoragePlace } from './place-tensor.ts'
import { MAX_PICKLE_BYTES, type OpenedPickle } from './zip-container.ts'

/** MAGIC_NUMBER and PROTOCOL_VERSION of torch/serialization.py. */
const MAGIC = 0x1950a86a20f9469cfc6cn
const PROTOCOL = 1001

/** How a file of this container starts: PROTO 2, LONG1 of ten bytes, the magic, STOP. */
export const LEGACY_HEAD = Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e)

/** First piece read of a file; doubled while the pickles are longer. */
const FIRST_PIECE = 256 * 1024
/** Values a storage reference may be found among; it is met in the order of tensors, so this is not a limit of depth. */
const MAX_VISITS = 4_000_000

/**
 * Opens the older container.
 * @throws FsError pytorch/not-a-checkpoint, pytorch/storage-size, pytorch/storage-missing, pytorch/trailing-bytes, and with `pickle/` codes
 */
export async function openLegacyContainer(source: ByteSource): Promise<OpenedPickle> {
  const { values, end } = await readPickles(source)
  const [magic, protocol, system, value, keys] = values as [PickleValue, PickleValue, PickleValue, PickleValue, PickleValue]
  const names = kindOf(keys) === 'list' ? (keys as { items: PickleValue[] }).items : undefined
  const sound = magic === MAGIC && protocol === PROTOCOL && kindOf(system) === 'dict'
  if (!sound || names === undefined || !names.every((name) => typeof name === 'string')) {
    throw fail('pytorch/not-a-checkpoint', `${source.name} starts like a PyTorch file but is none; it is damaged`, { file: source.name })
  }
  // `little_endian` in the third pickle is the writer's own order; counts and elements are turned to little-endian before they are written
  // (torch/csrc/serialization.cpp, THPStorage_writeFileRaw).
  return { value, storages: await placeStorages(source, names, end, storageDtypes(value, source.name)), endianness: 'little' }
}

/** The five pickles at the start, however long they are. */
async function readPickles(source: ByteSource): Promise<{ readonly values: readonly PickleValue[]; readonly end: number }> {
  for (let piece = FIRST_PIECE; ; piece *= 2) {
    const length = Math.min(piece, source.size, MAX_PICKLE_BYTES)
    const bytes = await source.read(0, length)
    try {
      const values: PickleValue[] = []
      let end = 0
      for (let count = 0; count < 5; count++) {
        const read = unpickle(bytes, end, source.name, TORCH_GLOBALS)
        values.push(read.value)
        end = read.end
      }
      return { values, end }
    } catch (error) {
      const cut = FsError.is(error) && error.code === 'pickle/truncated' && length < source.size
      if (!cut) throw error
      if (length === MAX_PICKLE_BYTES)
        throw fail('pickle/limit', `${source.name}: its pickles have more than ${MAX_PICKLE_BYTES} bytes`, {}, error)
    }
  }
}

/** The number format of every storage the pickle refers to: the storages themselves do not say. */
function storageDtypes(value: PickleValue, file: string): ReadonlyMap<string, Dtype> {
  const found = new Map<string, Dtype>()
  const seen = new Set<PickleValue>()
  const waiting: PickleValue[] = [value]
  for (let visits = 0; waiting.length > 0; visits++) {
    if (visits > MAX_VISITS) throw fail('pickle/limit', `${file}: its values refer to one another more than ${MAX_VISITS} times`, { file })
    const next = waiting.pop()!
    if (next === null || typeof next !== 'object' || next instanceof Uint8Array || seen.has(next)) continue
    seen.add(next)
    switch (next.kind) {
      case 'persistent':
        noteStorage(next.id, found)
        break
      case 'dict':
        for (const pair of next.pairs) waiting.push(...pair)
        break
      case 'call':
        for (const item of next.args) waiting.push(item)
        break
      case 'global':
        break
      default:
        for (const item of next.items) waiting.push(item)
    }
  }
  return found
}

function noteStorage(id: PickleValue, found: Map<string, Dtype>): void {
  if (kindOf(id) !== 'tuple') return
  const [, storageClass, key] = (id as { items: PickleValue[] }).items
  if (typeof key !== 'string' || storageClass === undefined || kindOf(storageClass) !== 'global') return
  const dtype = STORAGE_DTYPES.get((storageClass as { name: string }).name)
  if (dtype !== undefined) found.set(key, dtype)
}

/** Walks over the storages: 64-bit element count, then the elements. Every count is held against what is left of the file. */
async function placeStorages(
  source: ByteSource,
  keys: readonly string[],
  start: number,
  dtypes: ReadonlyMap<string, Dtype>,
): Promise<ReadonlyMap<string, StoragePlace>> {
  const file = source.name
  const storages = new Map<string, StoragePlace>()
  let at = start
  for (const key of keys) {
    const dtype = dtypes.get(key)
    if (dtype === undefined)
      throw fail('pytorch/storage-missing', `${file}: no tensor says what storage "${key}" holds`, { file, storage: key })
    if (at + 8 > source.size) throw fail('pytorch/storage-size', `${file} ends before storage "${key}"; it is cut`, { file, storage: key })
    const bytes = await source.read(at, 8)
    const count = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true)
    const size = count * BigInt(DTYPES[dtype].bytes)
    at += 8
    if (count < 0n || size > BigInt(source.size - at)) {
      const message = `${file}: storage "${key}" of ${count} elements reaches beyond the file; it is cut`
      throw fail('pytorch/storage-size', message, { file, storage: key, count })
    }
    storages.set(key, { offset: at, size: Number(size) })
    at += Number(size)
  }
  if (at !== source.size)
    throw fail('pytorch/trailing-bytes', `${file} goes on for ${source.size - at} bytes after its last storage`, { file })
  return storages
}
