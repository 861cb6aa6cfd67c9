// Base64 from files, checked: a wrong character is an error with a place, not a silent end. And to files.
import { fail } from '../errors.ts'

/** @param where file and place, for the message. @throws FsError when the text is not base64. */
export function fromBase64(text: string, where: string): Uint8Array {
  let binary: string
  try {
    binary = atob(text)
  } catch (cause) {
    throw fail('tokenizer/malformed', `${where} is not base64; download the file again`, { where }, cause)
  }
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}

/** The bytes as base64, padded. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  // Pieces, since a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(binary)
}
