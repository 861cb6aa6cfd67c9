// A growing little-endian buffer for headers. It knows numbers and length-prefixed strings, not what a header contains.
import { encodeText } from '../lossless-text.ts'

/** Most strings of a header are tokens, shorter than this, and ASCII: writing those here is several times faster than an encoder's call for each. */
const SHORT_TEXT = 64

export class ByteWriter {
  #bytes = new Uint8Array(64 * 1024)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  bytes(bytes: Uint8Array): void {
    // Reserved first: it may replace the buffer.
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
  }

  u32(value: number): void {
    const at = this.#reserve(4)
    this.#view.setUint32(at, value, true)
  }

  u64(value: number | bigint): void {
    const at = this.#reserve(8)
    this.#view.setBigUint64(at, BigInt(value), true)
  }

  i64(value: bigint): void {
    const at = this.#reserve(8)
    this.#view.setBigInt64(at, value, true)
  }

  /** A u64 length and the bytes, those that `decodeText` read the text from. */
  string(text: string): void {
    if (text.length <= SHORT_TEXT && this.#ascii(text)) return
    const bytes = encodeText(text)
    this.u64(bytes.length)
    this.bytes(bytes)
  }

  /** Writes a string of ASCII characters; @returns false, with nothing written, for any other. */
  #ascii(text: string): boolean {
    const at = this.#reserve(8 + text.length)
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code >= 0x80) {
        this.#length = at
        return false
      }
      this.#bytes[at + 8 + index] = code
    }
    this.#view.setUint32(at, text.length, true)
    this.#view.setUint32(at + 4, 0, true)
    return true
  }

  /** Reserves `length` bytes and hands them to `write`, which puts a number there. */
  number(length: number, write: (view: DataView, at: number) => void): void {
    const at = this.#reserve(length)
    write(this.#view, at)
  }

  /** The bytes written, with zeros up to `size`. */
  finish(size: number): Uint8Array {
    const result = new Uint8Array(size)
    result.set(this.#bytes.subarray(0, this.#length))
    return result
  }

  #reserve(length: number): number {
    const at = this.#length
    this.#length += length
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, at))
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    return at
  }
}
