// A range of code points as sequences of byte ranges: what a byte automaton has to accept for one character in UTF-8.
// The splitting is Ken Thompson's, as described with Rust's `utf8-ranges`.

/** One byte range for each byte of the encoding. */
export type ByteSequence = readonly (readonly [low: number, high: number])[]

const LENGTH_BORDERS = [0x7f, 0x7ff, 0xffff] as const

/** Byte sequences that together match exactly the UTF-8 encodings of `low` to `high`; surrogates have none. */
export function utf8Sequences(low: number, high: number): ByteSequence[] {
  if (low > high) return []
  if (low <= 0xdfff && high >= 0xd800) return [...utf8Sequences(low, 0xd7ff), ...utf8Sequences(0xe000, high).filter(() => high >= 0xe000)]
  for (const border of LENGTH_BORDERS) {
    if (low <= border && border < high) return [...utf8Sequences(low, border), ...utf8Sequences(border + 1, high)]
  }
  if (high <= 0x7f) return [[[low, high]]]
  // Every byte range must be independent of the others: all continuation bytes below a differing one have to run from 80 to BF.
  for (let bits = 6; bits <= 18; bits += 6) {
    const mask = 2 ** bits - 1
    if (Math.floor(low / (mask + 1)) === Math.floor(high / (mask + 1))) continue
    if ((low & mask) !== 0) return [...utf8Sequences(low, low | mask), ...utf8Sequences((low | mask) + 1, high)]
    if ((high & mask) !== mask) return [...utf8Sequences(low, (high & ~mask) - 1), ...utf8Sequences(high & ~mask, high)]
  }
  const from = encode(low)
  const to = encode(high)
  return [from.map((byte, index) => [byte, to[index]!] as const)]
}

function encode(codePoint: number): number[] {
  const tail = (shift: number) => 0x80 | ((codePoint >>> shift) & 0x3f)
  if (codePoint <= 0x7ff) return [0xc0 | (codePoint >>> 6), tail(0)]
  if (codePoint <= 0xffff) return [0xe0 | (codePoint >>> 12), tail(6), tail(0)]
  return [0xf0 | (codePoint >>> 18), tail(12), tail(6), tail(0)]
}
