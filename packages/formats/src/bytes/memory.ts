// A byte source over bytes already in memory. It copies nothing.
import type { ByteSource } from '@fs/core'
import { checkRead } from './range.ts'

/** Wraps `bytes`; reads are views into it. `name` is what messages call it. */
export function memorySource(bytes: Uint8Array, name: string): ByteSource {
  const state = { name, size: bytes.byteLength, closed: false }
  return {
    name,
    location: { kind: 'memory' },
    size: bytes.byteLength,
    async read(offset, length, options) {
      checkRead(state, offset, length, options?.signal)
      return bytes.subarray(offset, offset + length)
    },
    async close() {
      state.closed = true
    },
  }
}
