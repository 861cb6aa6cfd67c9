// The 256 printable characters that byte-level BPE writes bytes with (GPT-2's `bytes_to_unicode`).
// It is not UTF-8: `Ġ` stands for the byte 0x20, whatever character that byte belongs to.

/** Bytes that stand for themselves: printable ASCII and printable Latin-1, in GPT-2's order (`encoder.py`). */
const printable = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff)

/** Character for each byte: itself where printable, else the next free one from U+0100 on. */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++))
})()

/** Byte for each UTF-16 unit of the alphabet, 255 < unit < 0x144 included; -1 for units outside it. */
const CHARACTER_BYTES: Int16Array = (() => {
  const bytes = new Int16Array(0x144).fill(-1)
  BYTE_CHARACTERS.forEach((character, byte) => {
    bytes[character.charCodeAt(0)] = byte
  })
  return bytes
})()

const encoder = new TextEncoder()

/** Text as byte-level BPE sees it: its UTF-8 bytes, one alphabet character each. */
export function toByteCharacters(text: string): string {
  let result = ''
  for (const byte of encoder.encode(text)) result += BYTE_CHARACTERS[byte]
  return result
}

/** The bytes a byte-level token stands for, or undefined when a character is outside the alphabet. */
export function fromByteCharacters(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length)
  for (let index = 0; index < token.length; index++) {
    const byte = CHARACTER_BYTES[token.charCodeAt(index)] ?? -1
    if (byte < 0) return undefined
    bytes[index] = byte
  }
  return bytes
}
