import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { FsError } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fixture } from '../fixtures.test-support.ts'
import { createCharsmap } from './charsmap.ts'
import { readSentencePieceModel } from './model-file.ts'
import { tokenizerFromSentencePiece } from './tokenizer.ts'

const malformed = expect.objectContaining({ code: 'tokenizer/malformed' })

/** A model of one piece, with changes. */
function model({ type = 1, score = 0, text = 'a', algorithm = 2 }): Uint8Array {
  const piece = new BinaryWriter().tag(1, WireType.LengthDelimited).string(text).tag(2, WireType.Bit32).float(score)
  const trainer = new BinaryWriter().tag(3, WireType.Varint).int32(algorithm).finish()
  return new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .bytes(piece.tag(3, WireType.Varint).int32(type).finish())
    .tag(2, WireType.LengthDelimited)
    .bytes(trainer)
    .finish()
}

test('a piece is read with its text, also U+FEFF, which decoders like to drop', () => {
  expect(readSentencePieceModel(model({ text: '\ufeff' })).pieces).toEqual([{ text: '\ufeff', score: 0, type: 1 }])
})

test.each([
  ['no bytes', new Uint8Array()],
  ['text', new TextEncoder().encode('<!DOCTYPE html>')],
  ['half a file', fixture('unigram-rules.model').subarray(0, 1000)],
  ['a piece of unknown type', model({ type: 9 })],
  ['a score that is no number', model({ score: Number.NaN })],
  ['a piece without text', model({ text: '' })],
  ['a length beyond the file', Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f)],
])('%s is no model', (_name, bytes) => {
  expect(() => readSentencePieceModel(bytes)).toThrow(malformed)
})

test('word and character models are refused by name', () => {
  expect(() => readSentencePieceModel(model({ algorithm: 3 }))).toThrow(expect.objectContaining({ code: 'tokenizer/unsupported' }))
})

describe('a file with any bytes changed', () => {
  test.each(['bpe-byte-fallback', 'unigram-rules'])('%s opens and encodes, or an FsError says why not', (name) => {
    const original = fixture(`${name}.model`)
    const change = fc.tuple(fc.integer({ min: 0, max: original.length - 1 }), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = original.slice()
        for (const [at, value] of changes) bytes[at] = value
        try {
          tokenizerFromSentencePiece({ tokenizerModel: bytes }).encode('Hello  wörld ﬁ', { addSpecialTokens: true })
        } catch (error) {
          if (!FsError.is(error)) throw error
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('a normalization table', () => {
  const table = (trie: readonly number[], tail: string) => {
    const bytes = new Uint8Array(4 + trie.length * 4 + tail.length)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, trie.length * 4, true)
    trie.forEach((unit, index) => {
      view.setUint32(4 + index * 4, unit, true)
    })
    bytes.set(new TextEncoder().encode(tail), 4 + trie.length * 4)
    return bytes
  }

  test('whose lengths do not fit is refused', () => {
    for (const bytes of [
      Uint8Array.of(1),
      Uint8Array.of(255, 255, 255, 255, 0),
      table([1, 2], ''),
      Uint8Array.of(3, 0, 0, 0, 1, 2, 3, 4),
    ]) {
      expect(() => createCharsmap(bytes, 'table')).toThrow(malformed)
    }
  })

  test('of any content ends, with a text or an FsError', () => {
    const units = fc.array(fc.integer({ min: 0, max: 2 ** 31 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(units, fc.string({ maxLength: 20 }), (trie, text) => {
        try {
          createCharsmap(table(trie, 'x\u0000'), 'table').normalizeBytes(new TextEncoder().encode(text))
        } catch (error) {
          if (!FsError.is(error)) throw error
        }
      }),
    )
  })
})

test('added tokens take ids from JSON only if they are ids', () => {
  const tokenizerModel = fixture('bpe-byte-fallback.model')
  for (const addedTokens of ['{"x": -1}', '{"x": 1e12}', '{"x": 0.5}']) {
    expect(() => tokenizerFromSentencePiece({ tokenizerModel, addedTokens })).toThrow(
      expect.objectContaining({ code: 'tokenizer/id-out-of-range' }),
    )
  }
  const tokenizer = tokenizerFromSentencePiece({ tokenizerModel, addedTokens: '{"<tool>": 500}' })
  expect(tokenizer.encode('a<tool>', { addSpecialTokens: false }).at(-1)).toBe(500)
})
