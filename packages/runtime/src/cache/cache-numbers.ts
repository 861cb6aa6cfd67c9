// Buffers of the two number formats a cache may have; halves are kept as bits.
// No arithmetic: halves that are to be read as numbers are decoded where they are read.
export type CacheType = 'float32' | 'float16'
export type CacheNumbers = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>

export function cacheNumbers(type: CacheType, length: number): CacheNumbers {
  return type === 'float32' ? new Float32Array(length) : new Uint16Array(length)
}

/** A tensor's numbers as a buffer of ours: the bits of halves, also where JavaScript has given them as a Float16Array. */
export function numbersOf(data: ArrayBufferView): CacheNumbers {
  if (data instanceof Float32Array) return data as Float32Array<ArrayBuffer>
  return new Uint16Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength / 2)
}
