import type { Json } from '@fs/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byteLevelFiles } from '../fixtures.test-support.ts'
import { splitTokenizerJson } from './large-json.ts'
import { tokenizerFromJson } from './tokenizer-json.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const split = (text: string) => splitTokenizerJson(utf8(text), 'tokenizer.json')
const pieceCounts = (large: ReturnType<typeof split>['large']) => [large.vocab, large.merges].map((part) => [...part!.pieces()].length)

/** What `JSON.parse` makes of the whole, put together from the pieces. */
function together(text: string): Json {
  const { rest, large } = split(text)
  const { model } = rest as { model?: Record<string, Json> }
  if (large.vocab?.kind === 'object') model!.vocab = Object.assign({}, ...large.vocab.pieces())
  if (large.vocab?.kind === 'list') model!.vocab = ([...large.vocab.pieces()] as Json[][]).flat()
  if (large.merges !== undefined) model!.merges = ([...large.merges.pieces()] as Json[][]).flat()
  return rest
}

test('a file of megabytes is read in pieces, and every token and merge is there', () => {
  const vocab = Object.fromEntries(Array.from({ length: 20_000 }, (_, id) => [`"Ġ\\,{[${id}]}`, id]))
  const merges = Array.from({ length: 20_000 }, (_, rank) => [`a${rank}`, `],é${rank}`])
  const json = { added_tokens: [{ id: 1 }], model: { type: 'BPE', vocab, merges }, decoder: null }
  for (const text of [JSON.stringify(json), JSON.stringify(json, null, 2)]) {
    expect(Math.min(...pieceCounts(split(text).large))).toBeGreaterThan(5)
    expect(together(text)).toEqual(json)
  }
})

test.each([
  ['empty members', '{"model": {"vocab": {}, "merges": [ ]}}'],
  ['a vocabulary that is a list', '{"model":{"vocab":[["a",0],["b",-1.5e0]]}}'],
  ['keys in other places', '{"vocab": {"a": [1]}, "x": {"model": {"merges": 1}}, "model": {"vocab": {"a": 0}}}'],
  ['keys written with escapes', String.raw`{"\u006dodel": {"v\u006fcab": {"\"": 0}}}`],
  ['a key that occurs twice', '{"model": {"vocab": {"a": 0}, "vocab": {"b": 0}}}'],
  ['members that are neither', '{"model": {"vocab": null, "merges": "a b"}}'],
  ['no model', '[1, 2]'],
])('%s: the same as JSON.parse', (_, text) => {
  expect(together(text)).toEqual(JSON.parse(text))
  expect(together(`\ufeff${text}`)).toEqual(JSON.parse(text))
})

test('a text with any character put in, taken out or replaced is JSON in pieces exactly if it is whole', () => {
  const text = JSON.stringify({ model: { vocab: { a: 0, '\\"': 1 }, merges: [['a', 'b'], 'c d'] }, x: [{}] })
  const place = fc.nat({ max: text.length - 1 })
  fc.assert(
    fc.property(place, fc.nat({ max: 1 }), fc.constantFrom('', '{', '}', '[', ']', '"', ',', ':', '\\', ' ', '1'), (at, cut, put) => {
      const edited = text.slice(0, at) + put + text.slice(at + cut)
      let whole: Json | undefined
      try {
        whole = JSON.parse(edited)
      } catch {
        expect(() => together(edited)).toThrow(expect.objectContaining({ code: 'tokenizer/malformed' }))
        return
      }
      expect(together(edited)).toEqual(whole)
    }),
    { numRuns: 2000 },
  )
})

test('a comma without an item is refused at the border of two pieces too', () => {
  const item = `"${'a'.repeat(65_536)} b"`
  for (const merges of [`[${item},]`, `[${item},,${item}]`, `[,${item}]`]) {
    expect(() => together(`{"model":{"merges":${merges}}}`)).toThrow(expect.objectContaining({ code: 'tokenizer/malformed' }))
  }
  expect(() => splitTokenizerJson(Uint8Array.of(0x22, 0xff, 0x22), 'tokenizer.json')).toThrow('is not UTF-8')
})

test('bytes give the tokenizer that the text gives', () => {
  const { tokenizerJson } = byteLevelFiles()
  const [ofBytes, ofText] = [utf8(tokenizerJson), tokenizerJson].map((source) => tokenizerFromJson({ tokenizerJson: source }))
  const text = 'Bytes give what text gives: 12 345 déjà vu.'
  expect(ofBytes!.encode(text, { addSpecialTokens: true })).toEqual(ofText!.encode(text, { addSpecialTokens: true }))
})
