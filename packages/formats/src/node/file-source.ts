// A byte source over a file on disk. Reads are positional, so any number may run at once.
import { open } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { ByteSource } from '@fs/core'
import { aborted, checkRead } from '../bytes/range.ts'
import { fail } from '../errors.ts'

/**
 * Opens the regular file at `path` (symbolic links are followed). The name is the file's own, without folders.
 * @throws FsError bytes/not-found, bytes/not-a-file
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : `it cannot be opened (${cause.code ?? cause.message})`
    throw fail('bytes/not-found', `${path}: ${why}`, { file: path }, cause)
  })
  const stats = await handle.stat()
  if (!stats.isFile()) {
    await handle.close()
    throw fail('bytes/not-a-file', `${path} is not a regular file`, { file: path })
  }
  const state = { name: basename(path), size: stats.size, closed: false }
  return {
    name: state.name,
    location: { kind: 'file', path: resolve(path) },
    size: state.size,
    async read(offset, length, options) {
      checkRead(state, offset, length, options?.signal)
      // Zero-filled on purpose: memory that was never written must not be able to reach a result.
      const bytes = new Uint8Array(length)
      let received = 0
      while (received < length) {
        const { bytesRead } = await handle.read(bytes, received, length - received, offset + received)
        if (bytesRead === 0) {
          throw fail('bytes/short-read', `${path} ended at byte ${offset + received} of ${state.size}; it was cut while being read`, {
            file: path,
            offset,
            length,
          })
        }
        received += bytesRead
        if (options?.signal?.aborted) throw aborted(state.name, options.signal)
      }
      return bytes
    },
    async close() {
      if (state.closed) return
      state.closed = true
      await handle.close()
    },
  }
}
