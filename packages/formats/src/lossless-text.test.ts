import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteWriter } from './gguf/byte-writer.ts'
import { decodeText, encodeText } from './lossless-text.ts'

/** Texts around the borders of one, two and more bytes a character, and around what counts as short. */
const texts = fc.string({ unit: fc.constantFrom('a', '\x7f', '\x80', 'Ġ', '\u07ff', '\u0800', '▁', '𝄞'), maxLength: 80 })
const bytes = fc.uint8Array({ maxLength: 40 })

describe('text of model files', () => {
  test('is UTF-8 where it can be', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const encoded = new TextEncoder().encode(text)
        expect(decodeText(encoded)).toBe(text)
        expect(encodeText(text)).toEqual(encoded)
      }),
    )
  })

  test('keeps bytes that are not UTF-8', () => {
    fc.assert(
      fc.property(bytes, (raw) => {
        expect(encodeText(decodeText(raw))).toEqual(raw)
      }),
    )
    // An overlong slash, and a sequence that ends too early.
    for (const raw of [Uint8Array.of(0xc0, 0xaf), Uint8Array.of(0xc4)]) expect(encodeText(decodeText(raw))).toEqual(raw)
  })

  test('is written into a header with its length, short or long', () => {
    fc.assert(
      fc.property(bytes.map(decodeText), texts, (first, second) => {
        const writer = new ByteWriter()
        for (const text of [first, second]) writer.string(text)
        const expected = [first, second].flatMap((text) => {
          const encoded = encodeText(text)
          return [encoded.length, 0, 0, 0, 0, 0, 0, 0, ...encoded]
        })
        expect([...writer.finish(writer.length)]).toEqual(expected)
      }),
    )
  })
})
