// Small words for writing files by hand in tests: `join(ascii('GGUF'), u32(3), u64(0))`. Little-endian; not for product code.

export function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
export const zeros = (length: number): Uint8Array => new Uint8Array(length)
export const u8 = (...values: number[]): Uint8Array => Uint8Array.from(values)
export const u16 = (value: number): Uint8Array => new Uint8Array(Uint16Array.of(value).buffer)
export const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)
export const i32 = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer)
export const u64 = (...values: (number | bigint)[]): Uint8Array => new Uint8Array(BigUint64Array.from(values.map(BigInt)).buffer)
export const f32 = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)
/** A GGUF string: u64 length and text. */
export const text = (value: string): Uint8Array => join(u64(ascii(value).length), ascii(value))
/** Zeros up to the next multiple of `alignment`, counted from the start of `before`. */
export const pad = (before: Uint8Array, alignment: number): Uint8Array =>
  join(before, zeros((alignment - (before.length % alignment)) % alignment))
