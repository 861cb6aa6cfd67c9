// The tensors of a ggml file: a record before the data of each, one after the other up to the end of the file.
import { type ByteSource, GGML_TYPES, ggmlTypeById, type TensorInfo } from '@fs/core'
import { fail } from '../errors.ts'
import { align, tensorBytes } from '../gguf/tensor-table.ts'
import { decodeText } from '../lossless-text.ts'
import { checkGeneration } from './containers.ts'

/** GGML_MAX_DIMS. */
const MAX_DIMENSIONS = 4
/** Bytes of a tensor name. The longest of known models, BLOOM's, have some 60. */
export const MAX_NAME_BYTES = 256
/** Tensors of a file; the largest models of the time had under 1000. */
const MAX_TENSORS = 100_000
/** Dimension count, name length, type. */
const FIXED_BYTES = 12

/** Tensors by name, as they are found. */
export type FoundTensors = Map<string, Omit<TensorInfo, 'file'>>

/**
 * Walks over the records from `start` to the end of the file and adds each to `tensors`, which keeps what was found when one is refused.
 * @param alignment of the data, from the start of the file
 * @param generation of the file's block layouts
 * @throws FsError ggml/truncated, ggml/tensor, ggml/duplicate-tensor, ggml/old-blocks, ggml/limit
 */
export async function readTensors(
  source: ByteSource,
  start: number,
  alignment: number,
  generation: number,
  tensors: FoundTensors,
): Promise<void> {
  let at = start
  while (at < source.size) {
    const tensor = await readRecord(source, at, alignment, generation)
    if (tensors.has(tensor.name)) {
      throw fail('ggml/duplicate-tensor', `${source.name}: tensor "${tensor.name}" occurs twice`, {
        file: source.name,
        tensor: tensor.name,
        offset: at,
      })
    }
    if (tensors.size === MAX_TENSORS)
      throw fail('ggml/limit', `${source.name} has more than ${MAX_TENSORS} tensors`, { file: source.name, offset: at })
    tensors.set(tensor.name, tensor)
    at = tensor.offset + tensor.byteLength
  }
}

async function readRecord(source: ByteSource, at: number, alignment: number, generation: number): Promise<Omit<TensorInfo, 'file'>> {
  const file = source.name
  // The largest possible record, so that one request is enough.
  const bytes = await source.read(at, Math.min(source.size - at, FIXED_BYTES + MAX_DIMENSIONS * 4 + MAX_NAME_BYTES))
  if (bytes.length < FIXED_BYTES) throw truncated(source, at)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [dimensions, nameBytes, typeId] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)]
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS || nameBytes < 1 || nameBytes > MAX_NAME_BYTES) {
    const message = `${file}: the tensor at byte ${at} would have ${dimensions} dimensions and a name of ${nameBytes} bytes`
    throw fail('ggml/tensor', `${message}; the file is damaged, or of another model than assumed`, { file, offset: at })
  }
  const recordBytes = FIXED_BYTES + dimensions * 4 + nameBytes
  if (recordBytes > bytes.length) throw truncated(source, at)
  const shape = Array.from({ length: dimensions }, (_, index) => view.getUint32(FIXED_BYTES + index * 4, true)).reverse()
  const name = decodeText(bytes.subarray(recordBytes - nameBytes, recordBytes))
  const type = ggmlTypeById(typeId)
  if (type === undefined) {
    throw fail('ggml/tensor', `${file}: tensor "${name}" has type ${typeId}, which ggml does not have or has removed`, {
      file,
      tensor: name,
      offset: at,
    })
  }
  checkGeneration(file, name, type, generation)
  const byteLength = tensorBytes(type, shape)
  if (typeof byteLength !== 'number') {
    const message = `${file}: tensor "${name}" of shape ${shape.join(' x ')} cannot be ${type} (rows of ${GGML_TYPES[type].blockSize})`
    throw fail('ggml/tensor', message, { file, tensor: name, offset: at })
  }
  const offset = align(at + recordBytes, alignment)
  if (byteLength > source.size - offset) throw truncated(source, at, name)
  return { name, type, shape, offset, byteLength }
}

function truncated(source: ByteSource, offset: number, tensor?: string) {
  const where = tensor === undefined ? `in a tensor record at byte ${offset}` : `inside tensor "${tensor}"`
  return fail('ggml/truncated', `${source.name} ends ${where}; it is cut, or of another model than assumed`, {
    file: source.name,
    offset,
    tensor,
  })
}
