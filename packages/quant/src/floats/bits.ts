// One shared pair of views for reading a float32's bits. Not exported from the package: everything here is overwritten by the next call.

const words = new Uint32Array(1)
const singles = new Float32Array(words.buffer)

/** The IEEE 754 bits of `value` rounded to float32. */
export function floatBits(value: number): number {
  singles[0] = value
  return words[0]!
}

/** The float32 with these bits. */
export function bitsFloat(bits: number): number {
  words[0] = bits
  return singles[0]!
}
