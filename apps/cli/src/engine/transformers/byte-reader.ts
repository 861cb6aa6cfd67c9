// Lines and counted bytes from one stream, in the order they are asked for. Nothing is interpreted.
import type { Readable } from 'node:stream'

export type ByteReader = {
  /** Without its end; undefined when the stream ends before one. */
  line(): Promise<string | undefined>
  /** Aligned to 8 bytes; undefined when the stream ends before so many. */
  bytes(count: number): Promise<Uint8Array | undefined>
}

export function byteReader(stream: Readable): ByteReader {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  let held: Uint8Array = new Uint8Array()
  const more = async (): Promise<Uint8Array | undefined> => {
    const next = await chunks.next().catch(() => ({ done: true as const, value: undefined }))
    return next.done ? undefined : next.value
  }
  return {
    line: async () => {
      const parts: Uint8Array[] = []
      for (;;) {
        const end = held.indexOf(10)
        if (end >= 0) {
          parts.push(held.subarray(0, end))
          held = held.subarray(end + 1)
          return Buffer.concat(parts).toString('utf8')
        }
        parts.push(held)
        const next = await more()
        if (next === undefined) return undefined
        held = next
      }
    },
    bytes: async (count) => {
      const all = new Uint8Array(count)
      let filled = 0
      for (;;) {
        const taken = held.subarray(0, count - filled)
        all.set(taken, filled)
        filled += taken.length
        held = held.subarray(taken.length)
        if (filled === count) return all
        const next = await more()
        if (next === undefined) return undefined
        held = next
      }
    },
  }
}
