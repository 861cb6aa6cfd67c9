import { describe, expect, test } from 'vitest'
import { byteFallbackDecoder } from './byte-fallback.ts'
import { byteLevelDecoder, type Decoder } from './decoder.ts'
import { cleanedUp, tokenTextDecoder } from './token-text.ts'
import { windowDecoder } from './window.ts'

const encoder = new TextEncoder()
const streamed = (decoder: Decoder, ids: readonly number[]) => {
  const stream = decoder.createStream()
  const pieces = ids.map((id) => stream.push(id))
  return [...pieces, stream.end()]
}

describe('byte-level', () => {
  const bytes = [...encoder.encode('a€😀')].map((byte) => Uint8Array.of(byte))
  const decoder = byteLevelDecoder((id) => bytes[id])

  test('text comes when its last byte does', () => {
    expect(streamed(decoder, [0, 1, 2, 3, 4, 5, 6, 7])).toEqual(['a', '', '', '€', '', '', '', '😀', ''])
  })

  test('what never becomes a character is U+FFFD at the end, once for a cut character', () => {
    expect(streamed(decoder, [0, 1, 2])).toEqual(['a', '', '', '\ufffd'])
    expect(decoder.decode([0, 1, 2])).toBe('a\ufffd')
    expect(decoder.decode([99])).toBe('')
  })
})

describe('byte fallback', () => {
  const texts = [' Hello', ' world']
  const piece = (id: number) => (id < 2 ? { text: texts[id]! } : { byte: id })
  const decoder = byteFallbackDecoder({ piece, stripStart: 1 })

  test('takes one space off the start, of the first token that has text', () => {
    expect(decoder.decode([0, 1])).toBe('Hello world')
    expect(streamed(decoder, [0, 1])).toEqual(['Hello', ' world', ''])
  })

  test('spells bytes, or as many U+FFFD when they spell nothing, as Hugging Face’s library does', () => {
    expect(decoder.decode([0, 0xe2, 0x82, 0xac, 1])).toBe('Hello€ world')
    expect(streamed(decoder, [0, 0xe2, 0x82, 0xac, 1])).toEqual(['Hello', '', '', '€', ' world', ''])
    expect(decoder.decode([0, 0xe2, 0x82, 1])).toBe('Hello\ufffd\ufffd world')
    expect(streamed(decoder, [0, 0xe2, 0x82, 1])).toEqual(['Hello', '', '', '\ufffd\ufffd world', ''])
  })

  test('starts anew after the end', () => {
    const stream = decoder.createStream()
    expect([stream.push(0), stream.end(), stream.push(1)]).toEqual(['Hello', '', 'world'])
  })
})

test('token text puts spaces between words and takes them from before punctuation', () => {
  const words = ['how', ' are', ' you', ' ?', " ' s"]
  const decoder = tokenTextDecoder((id, first) => (words[id] === undefined ? undefined : cleanedUp(first ? words[id].trim() : words[id])))
  expect(decoder.decode([0, 1, 2, 3])).toBe('how are you?')
  expect(streamed(decoder, [2, 3])).toEqual(['you', '?', ''])
  expect(new TextDecoder().decode(decoder.bytes(1))).toBe(' are')
})

test('a window streams any decoder, holding back what may still change', () => {
  const words = ['lo', 'w</w>', 'er</w>', '\ufffd']
  const decoder = windowDecoder(
    (ids) => ids.map((id) => words[id]!.replace('</w>', ' ')).join(''),
    (id) => words[id],
  )
  expect(streamed(decoder, [0, 1, 0, 1, 0, 2, 0, 1, 0, 1, 0, 2]).join('')).toBe('low low loer low low loer ')
  expect(streamed(decoder, [0, 3])).toEqual(['lo', '', '\ufffd'])
})
