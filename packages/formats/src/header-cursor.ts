// Walks through a header from front to back over a byte source, fetching growing pieces and dropping what is behind.
// It knows numbers and byte orders, not what a header contains.
import type { ByteSource } from '@fs/core'
import { type ErrorCode, fail } from './errors.ts'

/** Bytes of header read at most, of any format: a file of 100 GB would otherwise allow a header of 100 GB. The largest known has 16 MB. */
const MAX_HEADER_BYTES = 256 * 1024 * 1024

/** First piece fetched. Enough for a header without vocabulary; later pieces double, so 16 MB take six requests. */
const FIRST_PIECE = 512 * 1024
const LARGEST_PIECE = 16 * 1024 * 1024

/** Callers make sure of bytes with `fill` (asynchronous, only when `has` says no) and then take them with the synchronous getters. */
export class HeaderCursor {
  readonly name: string
  readonly #source: ByteSource
  readonly #codes: { readonly truncated: ErrorCode; readonly limit: ErrorCode }
  #piece = FIRST_PIECE
  #bytes = new Uint8Array(0)
  #view = new DataView(new ArrayBuffer(0))
  #start = 0
  #position = 0
  littleEndian = true

  /** `codes` say which error a file that ends early, or goes on too long, is. */
  constructor(source: ByteSource, codes: { readonly truncated: ErrorCode; readonly limit: ErrorCode }) {
    this.#source = source
    this.#codes = codes
    this.name = source.name
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.#start + this.#position
  }

  /** Bytes of the file from the next one on. */
  get remaining(): number {
    return this.#source.size - this.offset
  }

  has(length: number): boolean {
    return this.#bytes.length - this.#position >= length
  }

  /**
   * Makes the next `length` bytes available; `what` names them in the error.
   * @throws FsError `codes.truncated` when the file ends before, `codes.limit` when the header is too long
   */
  async fill(length: number, what: string): Promise<void> {
    if (this.has(length)) return
    if (length > this.remaining) {
      throw fail(this.#codes.truncated, `${this.name} ends inside its header, in ${what} at byte ${this.offset}; download it again`, {
        file: this.name,
        offset: this.offset,
        missing: length - this.remaining,
      })
    }
    const { offset } = this
    if (offset + length > MAX_HEADER_BYTES) {
      throw fail(this.#codes.limit, `${this.name}: its header is longer than ${MAX_HEADER_BYTES} bytes (${what} at byte ${offset})`, {
        file: this.name,
        offset,
      })
    }
    const kept = this.#bytes.subarray(this.#position)
    const fetched = Math.min(Math.max(length, this.#piece), this.remaining) - kept.length
    const more = await this.#source.read(offset + kept.length, fetched)
    const joined = new Uint8Array(kept.length + fetched)
    joined.set(kept)
    joined.set(more, kept.length)
    this.#bytes = joined
    this.#view = new DataView(joined.buffer)
    this.#start = offset
    this.#position = 0
    this.#piece = Math.min(this.#piece * 2, LARGEST_PIECE)
  }

  /** The next `length` bytes, as a view that stays valid. */
  take(length: number): Uint8Array {
    const bytes = this.#bytes.subarray(this.#position, this.#position + length)
    this.#position += length
    return bytes
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }
  i8(): number {
    return this.#view.getInt8(this.#advance(1))
  }
  u16(): number {
    return this.#view.getUint16(this.#advance(2), this.littleEndian)
  }
  i16(): number {
    return this.#view.getInt16(this.#advance(2), this.littleEndian)
  }
  u32(): number {
    return this.#view.getUint32(this.#advance(4), this.littleEndian)
  }
  i32(): number {
    return this.#view.getInt32(this.#advance(4), this.littleEndian)
  }
  f32(): number {
    return this.#view.getFloat32(this.#advance(4), this.littleEndian)
  }
  f64(): number {
    return this.#view.getFloat64(this.#advance(8), this.littleEndian)
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), this.littleEndian)
  }
  i64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), this.littleEndian)
  }

  #advance(length: number): number {
    const at = this.#position
    this.#position += length
    return at
  }
}
