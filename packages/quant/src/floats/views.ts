// The same bytes seen as wider integers. JavaScript engines run on little-endian machines only, as are all files meant here.

/** The bytes as 16-bit words: a view where the alignment allows it, else a copy. A trailing odd byte is left out. */
export function uint16View(bytes: Uint8Array): Uint16Array {
  const length = bytes.length >> 1
  if (bytes.byteOffset % 2 === 0) return new Uint16Array(bytes.buffer, bytes.byteOffset, length)
  return new Uint16Array(bytes.slice(0, length * 2).buffer)
}

/** The bits of float32 numbers. */
export function floatBitsView(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length)
}

/** The bytes of float32 numbers. */
export function floatBytesView(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
