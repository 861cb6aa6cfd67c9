// Reads importance matrices of either form: GGUF (llama.cpp since 2025) and the older .dat. Strict: every length against the file,
// every value finite.
import type { ByteSource } from '@fs/core'
import { fail } from '../errors.ts'
import { readGguf } from '../gguf/index.ts'
import type { Imatrix, ImatrixEntry } from './imatrix.ts'

/** Longest tensor name taken from the older form, which has no limit of its own. */
const MAX_NAME_BYTES = 1024

/** @throws FsError `imatrix/malformed`, `imatrix/not-finite`, `imatrix/empty`, and what the GGUF reader refuses */
export async function readImatrix(source: ByteSource): Promise<Imatrix> {
  const magic = source.size < 4 ? '' : new TextDecoder().decode(await source.read(0, 4))
  const imatrix = magic === 'GGUF' ? await readGgufForm(source) : readOlderForm(await source.read(0, source.size), source.name)
  if (imatrix.entries.size === 0) throw fail('imatrix/empty', `${source.name} holds no importance values`, { file: source.name })
  for (const [tensor, { sums, counts }] of imatrix.entries) {
    if (sums.every(Number.isFinite) && counts.every(Number.isFinite)) continue
    throw fail('imatrix/not-finite', `${source.name}: the values for ${tensor} are not all finite numbers; collect the matrix again`, {
      file: source.name,
      tensor,
    })
  }
  return imatrix
}

async function readGgufForm(source: ByteSource): Promise<Imatrix> {
  const { metadata, tensors } = await readGguf(source)
  const entries = new Map<string, ImatrixEntry>()
  const floats = async (name: string): Promise<Float32Array> => {
    const tensor = tensors.tensors.get(name)
    if (tensor === undefined || tensor.type !== 'F32') {
      throw fail('imatrix/malformed', `${source.name}: ${name} is missing or is not F32, so its partner means nothing`, {
        file: source.name,
        tensor: name,
      })
    }
    return toFloats(await source.read(tensor.offset, tensor.byteLength))
  }
  for (const name of tensors.tensors.keys()) {
    const tensor = name.replace(/\.(in_sum2|counts)$/, '')
    if (tensor === name || entries.has(tensor)) continue
    const [sums, counts] = [await floats(`${tensor}.in_sum2`), await floats(`${tensor}.counts`)]
    if (counts.length === 0 || sums.length % counts.length !== 0) {
      throw fail(
        'imatrix/malformed',
        `${source.name}: ${tensor} has ${sums.length} sums for ${counts.length} counts, which do not divide`,
        { file: source.name, tensor },
      )
    }
    entries.set(tensor, { sums, counts: counts.map(Math.round) })
  }
  const datasets = metadata.get('imatrix.datasets')
  const count = (key: string) => {
    const value = metadata.get(key)
    return value?.type === 'UINT32' ? value.value : 0
  }
  return {
    entries,
    datasets: datasets?.type === 'ARRAY' && datasets.of === 'STRING' ? datasets.value : [],
    chunkCount: count('imatrix.chunk_count'),
    chunkSize: count('imatrix.chunk_size'),
  }
}

/** int32 entries, then each: int32 length, name, int32 calls, int32 values, float32 values; then calls of the last chunk and the data set's name. */
function readOlderForm(bytes: Uint8Array, file: string): Imatrix {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = 0
  const take = (length: number, what: string): number => {
    if (length < 0 || length > bytes.length - position) {
      throw fail(
        'imatrix/malformed',
        `${file}: ${what} at byte ${position} goes beyond the end; the file is truncated or no importance matrix`,
        { file, offset: position },
      )
    }
    const start = position
    position += length
    return start
  }
  const int32 = (what: string): number => view.getInt32(take(4, what), true)
  const text = (what: string): string => {
    const length = int32(what)
    if (length > MAX_NAME_BYTES)
      throw fail('imatrix/malformed', `${file}: ${what} claims ${length} bytes; this is no importance matrix`, { file, offset: position })
    const start = take(length, what)
    return new TextDecoder().decode(bytes.subarray(start, start + length))
  }
  const entries = new Map<string, ImatrixEntry>()
  const count = int32('the number of entries')
  for (let entry = 0; entry < count; entry++) {
    const name = text('a tensor name')
    const calls = int32('a count of calls')
    const values = int32('a count of values')
    if (values < 1 || entries.has(name))
      throw fail('imatrix/malformed', `${file}: the entry for ${name} is empty or there twice`, { file, tensor: name })
    const start = take(values * 4, 'values')
    const sums = toFloats(bytes.subarray(start, start + values * 4))
    // Without calls llama-quantize takes the values as they are: a count of one says the same.
    entries.set(name, { sums, counts: Float32Array.of(calls > 0 ? calls : 1) })
  }
  if (position === bytes.length) return { entries, datasets: [], chunkCount: 0, chunkSize: 0 }
  const chunkCount = int32('the last chunk')
  return { entries, datasets: position === bytes.length ? [] : [text("the data set's name")], chunkCount, chunkSize: 0 }
}

function toFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true))
}
