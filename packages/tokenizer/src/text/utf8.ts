// UTF-8 at the edges of tokens, where characters are cut: how much of a byte run is whole, and lossy text from bytes.
// Whole-text encoding and decoding is TextEncoder's and TextDecoder's business.

const lossy = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text of bytes, each ill-formed sequence as one U+FFFD (as Rust's `from_utf8_lossy` and WHATWG do). */
export function lossyText(bytes: Uint8Array): string {
  return lossy.decode(bytes)
}

/** Text of bytes, or undefined when they are not well-formed UTF-8. */
export function strictText(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * Length of the longest prefix that does not end inside a character.
 * Ill-formed bytes count as ended: only a sequence that later bytes could still complete is held back (at most 3 bytes).
 */
export function completePrefix(bytes: Uint8Array): number {
  const end = bytes.length
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = bytes[end - back]!
    if (byte < 0x80) return end
    if (byte >= 0xc0) {
      const needed = byte >= 0xf5 || byte < 0xc2 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return needed > back ? end - back : end
    }
  }
  return end
}

/** Joins byte pieces. */
export function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const piece of pieces) length += piece.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const piece of pieces) {
    joined.set(piece, offset)
    offset += piece.length
  }
  return joined
}
