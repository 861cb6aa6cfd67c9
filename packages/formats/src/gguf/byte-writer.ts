// A growing little-endian buffer for headers. It knows numbers and length-prefixed strings, not what a header contains.

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

  /** A u64 length and the bytes. */
  string(bytes: Uint8Array): void {
    this.u64(bytes.length)
    this.bytes(bytes)
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
