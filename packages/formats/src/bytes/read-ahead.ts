// Turns many small neighbouring reads into few large ones, for sources where a request is expensive (HTTP, disk seeks).
// It keeps one window and is meant for header parsing; tensor data should go to the source itself.
import type { ByteSource } from '@fs/core'
import { checkRead } from './range.ts'

export type ReadAheadOptions = {
  /** Bytes fetched around a small read; 1 MiB unless told. */
  readonly chunk?: number
}

/** Bytes of one request when nothing else is said: a few hundred milliseconds of a slow line, larger than most headers without a vocabulary. */
const DEFAULT_CHUNK = 1024 * 1024

/**
 * Wraps `source` with a window of `chunk` bytes that starts where the last small read missed. Reads of at least `chunk` bytes pass
 * through. Closing closes the wrapped source.
 */
export function readAhead(source: ByteSource, options: ReadAheadOptions = {}): ByteSource {
  const chunk = options.chunk ?? DEFAULT_CHUNK
  const state = { name: source.name, size: source.size, closed: false }
  // The pending promise is kept, not its result, so that concurrent small reads of one window share one request.
  let window: { readonly start: number; readonly end: number; readonly bytes: Promise<Uint8Array> } | undefined

  return {
    name: source.name,
    location: source.location,
    size: source.size,
    async read(offset, length, readOptions) {
      checkRead(state, offset, length, readOptions?.signal)
      if (length >= chunk) return source.read(offset, length, readOptions)
      if (window === undefined || offset < window.start || offset + length > window.end) {
        const end = Math.min(source.size, offset + chunk)
        window = { start: offset, end, bytes: source.read(offset, end - offset) }
      }
      const current = window
      try {
        const bytes = await current.bytes
        return bytes.subarray(offset - current.start, offset - current.start + length)
      } catch (error) {
        if (window === current) window = undefined
        throw error
      }
    },
    async close() {
      state.closed = true
      window = undefined
      await source.close()
    },
  }
}
