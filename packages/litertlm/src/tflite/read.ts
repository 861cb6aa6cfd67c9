// Reads what a TFLite file says of itself, strictly: every index, offset and length is held against the file, and every constant against its tensor.
// Weights are not read, so a file of any size costs no more than its tables.
import type { ByteSource, FsError } from '@fs/core'
import { litertlmError } from '../errors.ts'
import { flatBytes, NeedsMoreBytes } from '../flatbuffer/flat-bytes.ts'
import { checkBuffers } from './check-buffers.ts'
import { type DeclaredModel, readModel } from './read-model.ts'
import { FILE_IDENTIFIER } from './schema.ts'
import type { StoredBuffer, StoredTflite } from './stored.ts'

/** What is fetched first; the tables of a model of 28 layers and seven signatures take 7 MB with the scales between them. */
const FIRST_BYTES = 1 << 20

/** Tables past this are no decoder's: refused, so that a lying offset does not make the reader fetch a whole file of weights. */
const MOST_TABLE_BYTES = 256 * 1024 * 1024

/**
 * @param source the TFLite file, or the section of a bundle that holds it
 * @throws FsError `litertlm/not-tflite`; `litertlm/tflite` for a file that contradicts itself, with the byte where
 */
export async function readTflite(source: ByteSource): Promise<StoredTflite> {
  const { name: file, size } = source
  const problem = (reason: string, offset: number): FsError =>
    litertlmError('litertlm/tflite', `${file}: its TFLite model is damaged at byte ${offset}: ${reason}; convert the model again`, {
      file,
      offset,
    })
  let bytes = await source.read(0, Math.min(size, FIRST_BYTES))
  if (new TextDecoder('latin1').decode(bytes.subarray(4, 8)) !== FILE_IDENTIFIER) {
    throw litertlmError('litertlm/not-tflite', `${file} holds no TFLite model: ${FILE_IDENTIFIER} is missing at byte 4`, { file })
  }
  for (;;) {
    try {
      const declared = readModel(flatBytes(bytes, size, problem), bytes.length)
      const buffers = await placedBuffers(source, bytes, declared, problem)
      checkBuffers(declared.subgraphs, buffers, size, problem)
      return { ...declared, buffers }
    } catch (error) {
      if (!(error instanceof NeedsMoreBytes)) throw error
      const wanted = Math.min(size, Math.max(2 * bytes.length, error.end))
      if (error.end > size || wanted > MOST_TABLE_BYTES) throw problem(`its tables reach to byte ${error.end}`, error.end)
      const more = await source.read(bytes.length, wanted - bytes.length)
      const joined = new Uint8Array(wanted)
      joined.set(bytes)
      joined.set(more, bytes.length)
      bytes = joined
    }
  }
}

/** The lengths of constants inside the flatbuffer, which may lie anywhere in it: fetched where they are not at hand. */
async function placedBuffers(
  source: ByteSource,
  bytes: Uint8Array,
  { buffers }: DeclaredModel,
  problem: (reason: string, offset: number) => FsError,
): Promise<readonly StoredBuffer[]> {
  const placed: StoredBuffer[] = []
  for (const buffer of buffers) {
    if (buffer.kind !== 'inline') {
      placed.push(buffer)
      continue
    }
    const { vector } = buffer
    if (vector + 4 > source.size) throw problem(`a constant lies at ${vector}, outside the file`, vector)
    const prefix = vector + 4 <= bytes.length ? bytes.subarray(vector, vector + 4) : await source.read(vector, 4)
    const byteLength = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0, true)
    placed.push({ kind: 'inline', offset: vector + 4, byteLength })
  }
  return placed
}
