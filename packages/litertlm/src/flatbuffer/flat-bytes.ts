// Bytes of a flatbuffer that nobody vouches for: every access is checked against what is there. It knows numbers and strings, not tables.
// `flatbuffers`' own reader trusts offsets: it reads outside its table, and gives undefined outside its buffer.
import type { FsError } from '@fs/core'

/** Thrown, and caught by whoever fetched the bytes, when something lies behind the piece at hand but within the file. */
export class NeedsMoreBytes extends Error {
  readonly end: number

  constructor(end: number) {
    super(`bytes up to ${end} are needed`)
    this.end = end
  }
}

/** Strings of one flatbuffer may be shared, but together they are no more than this often its size: offsets that all name one long text are an attack. */
const MOST_TEXT_PER_BYTE = 16

export type FlatBytes = {
  /** Bytes the flatbuffer may reach to; at least as many as are at hand. */
  readonly size: number
  /** An error that names the file, for what is found at a byte of the flatbuffer. */
  problem(reason: string, offset: number): FsError
  uint8(at: number): number
  uint16(at: number): number
  int32(at: number): number
  uint32(at: number): number
  uint64(at: number): bigint
  float32(at: number): number
  float64(at: number): number
  /** A length, then that many bytes of UTF-8, as flatbuffers store a string. */
  text(at: number): string
  /** Makes sure that a range lies within the flatbuffer, at hand or not. */
  checkRange(at: number, length: number): void
}

/**
 * @param bytes the flatbuffer, or its beginning
 * @param size of the whole flatbuffer and what may follow it
 */
export function flatBytes(bytes: Uint8Array, size: number, problem: (reason: string, offset: number) => FsError): FlatBytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let textAllowed = MOST_TEXT_PER_BYTE * bytes.length
  const checkRange = (at: number, length: number) => {
    if (at < 0 || length < 0 || at + length > size) throw problem(`${length} bytes at ${at} lie outside its ${size} bytes`, at)
  }
  const need = (at: number, length: number): number => {
    checkRange(at, length)
    if (at + length > bytes.length) throw new NeedsMoreBytes(at + length)
    return at
  }
  const uint32 = (at: number) => view.getUint32(need(at, 4), true)
  return {
    size,
    problem,
    uint8: (at) => view.getUint8(need(at, 1)),
    uint16: (at) => view.getUint16(need(at, 2), true),
    int32: (at) => view.getInt32(need(at, 4), true),
    uint32,
    uint64: (at) => view.getBigUint64(need(at, 8), true),
    float32: (at) => view.getFloat32(need(at, 4), true),
    float64: (at) => view.getFloat64(need(at, 8), true),
    text: (at) => {
      const length = uint32(at)
      need(at + 4, length)
      textAllowed -= length
      if (textAllowed < 0) throw problem('its strings add up to many times its size', at)
      try {
        return decoder.decode(bytes.subarray(at + 4, at + 4 + length))
      } catch {
        throw problem('a string is not UTF-8', at)
      }
    },
    checkRange,
  }
}
