import { FsError, type Json } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changed, spacedFiles, type TokenizerJson, wordPieceFiles } from '../fixtures.test-support.ts'
import { tokenizerFromJson } from './tokenizer-json.ts'

const opening = (change: (json: TokenizerJson) => void) => () => tokenizerFromJson(changed(change))
const splitBy = (pattern: object, more: object = {}) => ({ type: 'Split', pattern, behavior: 'Isolated', invert: false, ...more })
const nested = (depth: number): Record<string, unknown> =>
  depth === 0 ? { type: 'ByteLevel' } : { type: 'Sequence', pretokenizers: [nested(depth - 1)] }
const repeated = (count: number, stage: object) => ({ type: 'Sequence', normalizers: Array.from({ length: count }, () => stage) })

const rows: readonly (readonly [string, string, (json: TokenizerJson) => void])[] = [
  ['a vocabulary that is a list', 'tokenizer/malformed', (json) => Object.assign(json.model, { vocab: ['a', 'b'] })],
  ['an id that is text', 'tokenizer/id-out-of-range', (json) => Object.assign(json.model.vocab, { x: '5' })],
  ['a negative id', 'tokenizer/id-out-of-range', (json) => Object.assign(json.model.vocab, { x: -1 })],
  ['an id far beyond any vocabulary', 'tokenizer/id-out-of-range', (json) => Object.assign(json.model.vocab, { x: 2 ** 31 })],
  ['a token of a megabyte', 'tokenizer/malformed', (json) => Object.assign(json.model.vocab, { ['a'.repeat(1e6)]: 1024 })],
  ['two tokens with one id', 'tokenizer/duplicate-id', (json) => Object.assign(json.model.vocab, { x: 0 })],
  [
    'an added token with another id than its own',
    'tokenizer/duplicate-token',
    (json) => Object.assign(json.added_tokens[0]!, { content: '!', id: 1019 + 900 }),
  ],
  ['an added token over another token', 'tokenizer/duplicate-id', (json) => Object.assign(json.added_tokens[0]!, { id: 3 })],
  ['a merge of a token that is not there', 'tokenizer/bad-merge', (json) => json.model.merges.push(['nowhere', 'e'])],
  ['a merge of three tokens', 'tokenizer/bad-merge', (json) => json.model.merges.push('a b c')],
  ['a merge that is a number', 'tokenizer/bad-merge', (json) => json.model.merges.push(7)],
  ['an unknown model', 'tokenizer/unsupported', (json) => Object.assign(json.model, { type: 'Magic' })],
  ['dropout', 'tokenizer/unsupported', (json) => Object.assign(json.model, { dropout: 0.1 })],
  ['an unknown normalizer', 'tokenizer/unsupported', (json) => Object.assign(json, { normalizer: { type: 'Magic' } })],
  ['an unknown pre-tokenizer', 'tokenizer/unsupported', (json) => Object.assign(json, { pre_tokenizer: { type: 'UnicodeScripts' } })],
  ['an unknown decoder', 'tokenizer/unsupported', (json) => Object.assign(json, { decoder: { type: 'Magic' } })],
  ['an unknown post-processor', 'tokenizer/unsupported', (json) => Object.assign(json, { post_processor: { type: 'Magic' } })],
  [
    'a template with a token that is not there',
    'tokenizer/malformed',
    (json) =>
      Object.assign(json, { post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: 'x' } }], special_tokens: {} } }),
  ],
  ['sequences nested without end', 'tokenizer/malformed', (json) => Object.assign(json, { pre_tokenizer: nested(2000) })],
  ['thousands of stages', 'tokenizer/malformed', (json) => Object.assign(json, { normalizer: repeated(5000, { type: 'NFC' }) })],
  ['a pattern of a megabyte', 'tokenizer/malformed', (json) => Object.assign(json, { pre_tokenizer: splitBy({ Regex: 'a'.repeat(1e6) }) })],
  [
    'a pattern that is no regular expression',
    'tokenizer/unsupported',
    (json) => Object.assign(json, { pre_tokenizer: splitBy({ Regex: '(' }) }),
  ],
  [
    'a behaviour that does not exist',
    'tokenizer/malformed',
    (json) => Object.assign(json, { pre_tokenizer: splitBy({ String: ' ' }, { behavior: 'Sometimes' }) }),
  ],
]

describe('a tokenizer.json with', () => {
  test.each(rows)('%s is refused as %s', (_name, code, change) => {
    const start = performance.now()
    expect(opening(change)).toThrow(expect.objectContaining({ code }))
    expect(performance.now() - start).toBeLessThan(2000)
  })

  test.each(['(a+)+$', '(a|a)*b', '(?:x*x*)*y', '(?:a?b?)*c', String.raw`(\p{L}+\s*)+!`, String.raw`(.)\1*z`])(
    'the pattern %s, which backtracks without end, is refused at once',
    (Regex) => {
      const start = performance.now()
      expect(opening((json) => Object.assign(json, { pre_tokenizer: splitBy({ Regex }) }))).toThrow(
        expect.objectContaining({ code: 'tokenizer/unsafe-regex' }),
      )
      expect(performance.now() - start).toBeLessThan(1000)
    },
  )

  test('a pattern of polynomial time is refused within seconds', () => {
    const Regex = String.raw`\s*\s*\s*\s*x`
    expect(opening((json) => Object.assign(json, { pre_tokenizer: splitBy({ Regex }) }))).toThrow(
      expect.objectContaining({ code: 'tokenizer/unsafe-regex' }),
    )
  })

  test('normalizers that double the text again and again open, and stop when used', () => {
    const double = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' }
    const tokenizer = opening((json) => Object.assign(json, { normalizer: repeated(60, double) }))()
    expect(() => tokenizer.encode('a'.repeat(100), { addSpecialTokens: false })).toThrow(
      expect.objectContaining({ code: 'tokenizer/text-growth' }),
    )
  })
})

test('text that is not JSON, or not an object, is refused', () => {
  for (const tokenizerJson of ['', '{', '[]', 'null', '"x"', '{"model": null}', '\u0000']) {
    expect(() => tokenizerFromJson({ tokenizerJson }), tokenizerJson).toThrow(expect.objectContaining({ code: 'tokenizer/malformed' }))
  }
})

test('a key named __proto__ is a token like any other', () => {
  const tokenizer = tokenizerFromJson(
    changed((json) => {
      json.model.vocab = JSON.parse(`{"__proto__": 1024, ${JSON.stringify(json.model.vocab).slice(1)}`) as Record<string, number>
    }),
  )
  expect(tokenizer.tokenToId('__proto__')).toBe(1024)
})

/** Puts `value` at a place chosen by `path`, a list of fractions that pick a key at each level. */
function mutate(json: Json, path: readonly number[], value: Json): Json {
  if (path.length === 0 || typeof json !== 'object' || json === null) return value
  const keys = Object.keys(json)
  if (keys.length === 0) return value
  const key = keys[Math.floor(path[0]! * keys.length)]!
  const child = mutate((json as Record<string, Json>)[key]!, path.slice(1), value)
  return Array.isArray(json) ? json.map((item, index) => (String(index) === key ? child : item)) : { ...json, [key]: child }
}

test.each([
  ['byte-level', changed(() => {})],
  ['spaced', { tokenizerJson: spacedFiles().tokenizerJson }],
  ['word-piece', { tokenizerJson: wordPieceFiles().tokenizerJson }],
])('any one value of a %s file replaced by another: it opens and encodes, or an FsError says why not', (_name, { tokenizerJson }) => {
  const json = JSON.parse(tokenizerJson) as Json
  const paths = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(paths, fc.jsonValue({ maxDepth: 2 }), (path, value) => {
      try {
        const tokenizer = tokenizerFromJson({ tokenizerJson: JSON.stringify(mutate(json, path, value as Json)) })
        tokenizer.decode(tokenizer.encode('Hello, wörld 123\n', { addSpecialTokens: true, parseSpecial: true }))
      } catch (error) {
        if (!FsError.is(error)) throw error
      }
    }),
    { numRuns: 300 },
  )
})
