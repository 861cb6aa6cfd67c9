// A growing little-endian buffer for headers. It knows numbers and length-prefixed strings, not what a header contains.
import { encodeText } from '../lossless-text.ts'

/** Most strings of a header are tokens, shorter than this: writing those here is several times faster than an encoder's call for each. */
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
    if (text.length <= SHORT_TEXT && this.#shortString(text)) return
    const bytes = encodeText(text)
    this.u64(bytes.length)
    this.bytes(bytes)
  }

  /** Writes a string whose characters take one or two bytes, as ASCII and the letters of byte-level tokens do; @returns false, with nothing written, for others. */
  #shortString(text: string): boolean {
    const start = this.#reserve(8 + 2 * text.length)
    let at = start + 8
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code < 0x80) this.#bytes[at++] = code
      else if (code < 0x800) {
        this.#bytes[at++] = 0xc0 | (code >> 6)
        this.#bytes[at++] = 0x80 | (code & 0x3f)
      } else {
        this.#length = start
        return false
      }
    }
    this.#view.setUint32(start, at - start - 8, true)
    this.#view.setUint32(start + 4, 0, true)
    this.#length = at
    return true
  }

  /** Reserves `length` bytes and hands them to `write`, which puts a number there. */
  number(length: number, write: (view: DataView, at: number) => void): void {
    const at = this.#reserve(length)
    write(this.#view, at)
  }

  /** The bytes written, with zeros up to `size`. Nothing can be written afterwards: the memory is handed over, not copied. */
  finish(size: number): Uint8Array {
    // A string that turned out not to be a short one may have left bytes behind the end.
    this.#bytes.fill(0, this.#length)
    return new Uint8Array(this.#bytes.buffer.transfer(size))
  }

  #reserve(length: number): number {
    const at = this.#length
    this.#length += length
    if (this.#length > this.#bytes.length) {
      // The old memory goes at once: left to the collector, what a vocabulary of 128,000 tokens outgrows adds 16 MB to the peak.
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(Math.max(this.#length, this.#bytes.length * 2)))
      this.#view = new DataView(this.#bytes.buffer)
    }
    return at
  }
}
