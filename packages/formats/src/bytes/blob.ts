// A byte source over a Blob or a File a person chose in a browser. It never loads more than the range asked for.
import type { ByteSource } from '@fs/core'
import { fail } from '../errors.ts'
import { checkRead } from './range.ts'

/** Wraps `blob`; `name` defaults to a `File`'s name. */
export function blobSource(blob: Blob, name?: string): ByteSource {
  const ownName = 'name' in blob && typeof blob.name === 'string' ? blob.name : 'blob'
  const state = { name: name ?? ownName, size: blob.size, closed: false }
  return {
    name: state.name,
    location: { kind: 'blob' },
    size: blob.size,
    async read(offset, length, options) {
      checkRead(state, offset, length, options?.signal)
      let bytes: Uint8Array
      try {
        bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer())
      } catch (cause) {
        // A browser refuses to read a File that changed on disk since it was chosen.
        throw fail(
          'bytes/short-read',
          `${state.name} can no longer be read; choose the file again`,
          { file: state.name, offset, length },
          cause,
        )
      }
      if (bytes.byteLength !== length) {
        throw fail('bytes/short-read', `${state.name} gave ${bytes.byteLength} of ${length} bytes at ${offset}; choose the file again`, {
          file: state.name,
          offset,
          length,
          got: bytes.byteLength,
        })
      }
      return bytes
    },
    async close() {
      state.closed = true
    },
  }
}
