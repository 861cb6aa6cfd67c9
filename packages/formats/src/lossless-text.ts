// Text in model files is bytes that are nearly always UTF-8. A few vocabularies hold single raw bytes; those survive the round trip here.
// Invalid bytes 0x80-0xFF become the lone surrogates U+DC80-U+DCFF and back, as Python's "surrogateescape" does (PEP 383).

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Decodes UTF-8; bytes that are not become lone surrogates, so that `encodeText` gives exactly the same bytes. */
export function decodeText(bytes: Uint8Array): string {
  // Most strings are short tokens, for which the decoder's call overhead is larger than the work (measured: 3x on a vocabulary).
  const short = bytes.length <= 16 ? decodeShort(bytes) : undefined
  if (short !== undefined) return short
  try {
    return decoder.decode(bytes)
  } catch {
    return decodeEscaped(bytes)
  }
}

/** Text of characters of one or two bytes, as ASCII and the letters of byte-level tokens are; undefined for others, and for what is no UTF-8. */
function decodeShort(bytes: Uint8Array): string | undefined {
  let text = ''
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!
    if (byte < 0x80) {
      text += String.fromCharCode(byte)
      continue
    }
    const next = bytes[++index] ?? 0
    // Two bytes begin with 0xc2 to 0xdf: what 0xc0 and 0xc1 would begin has a shorter form.
    if (byte < 0xc2 || byte > 0xdf || (next & 0xc0) !== 0x80) return undefined
    text += String.fromCharCode(((byte & 0x1f) << 6) | (next & 0x3f))
  }
  return text
}

/** Encodes what `decodeText` gave; other lone surrogates, which no file produces, become U+FFFD. */
export function encodeText(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text)
  const parts: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code >= 0xdc80 && code <= 0xdcff) parts.push(code - 0xdc00)
    else parts.push(...encoder.encode(character))
  }
  return Uint8Array.from(parts)
}

function decodeEscaped(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; ) {
    const length = sequenceLength(bytes[index]!)
    const sequence = bytes.subarray(index, index + length)
    const character = length > 0 && sequence.length === length ? decodeSequence(sequence) : undefined
    text += character ?? String.fromCharCode(bytes[index]! < 0x80 ? bytes[index]! : 0xdc00 + bytes[index]!)
    index += character === undefined ? 1 : length
  }
  return text
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1
  if (lead < 0xc2) return 0
  if (lead < 0xe0) return 2
  if (lead < 0xf0) return 3
  return lead < 0xf5 ? 4 : 0
}

function decodeSequence(sequence: Uint8Array): string | undefined {
  try {
    return decoder.decode(sequence)
  } catch {
    return undefined
  }
}
