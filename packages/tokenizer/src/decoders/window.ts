// Streaming for decoders of which only the whole is known: decode a window, give out what it gained.
// The decoders of common vocabularies do not need this; it is for unusual chains in a tokenizer.json.
import type { Decoder } from './decoder.ts'

const encoder = new TextEncoder()

/** Ids decoded anew at each step, so that a token is seen with its left neighbours; longer dependence is unknown. */
const WINDOW = 8

/** @param decode text of whole token lists; @param tokenText spelling of one id. */
export function windowDecoder(decode: (ids: readonly number[]) => string, tokenText: (id: number) => string | undefined): Decoder {
  return {
    bytes: (id) => (tokenText(id) === undefined ? undefined : encoder.encode(decode([id]))),
    decode,
    createStream() {
      let window: number[] = []
      let given = ''
      return {
        push(id) {
          window.push(id)
          const text = decode(window)
          if (text.endsWith('\ufffd') || !text.startsWith(given)) return ''
          const gained = text.slice(given.length)
          given = text
          if (window.length > WINDOW) {
            window = window.slice(-WINDOW / 2)
            given = decode(window)
          }
          return gained
        },
        end() {
          const text = decode(window)
          const rest = text.startsWith(given) ? text.slice(given.length) : ''
          window = []
          given = ''
          return rest
        },
      }
    },
  }
}
