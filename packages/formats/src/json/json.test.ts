// JSON from checkpoints: what Python writes, what hostile files try.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileFolder } from '../folder/file-folder.ts'
import { ascii } from '../test-support/byte-parts.test-support.ts'
import { parseJson } from './parse.ts'
import { readJsonObject } from './read-json-object.ts'

const strict = { name: 'x.json', numbers: 'json', duplicateKeys: 'refuse' } as const
const python = { name: 'x.json', numbers: 'python', duplicateKeys: 'last' } as const

test('agrees with JSON.parse on any JSON', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(4), (text, indent) => {
      const expected = JSON.parse(text)
      expect(JSON.stringify(parseJson(JSON.stringify(expected, null, indent), python))).toBe(JSON.stringify(expected))
    }),
  )
})

test('refuses exactly what JSON.parse refuses', () => {
  const words = [
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '"\\u00e9"',
    '"\\x"',
    '1',
    '-0',
    '01',
    '1.',
    '.5',
    '1e5',
    '+1',
    'true',
    'nul',
    'null',
    ' ',
    '\n',
    '"',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 8 }), (parts) => {
      const text = parts.join('')
      let expected: unknown = 'refused'
      try {
        expected = JSON.parse(text)
      } catch {}
      let got: unknown = 'refused'
      try {
        got = parseJson(text, python)
      } catch {}
      expect(got).toEqual(expected)
    }),
    { numRuns: 2000 },
  )
})

test("numbers that are none in JSON: Python's spelling, when asked for", () => {
  expect(parseJson('[NaN, Infinity, -Infinity]', python)).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  expect(() => parseJson('[NaN]', strict)).toThrow(expect.objectContaining({ code: 'json/syntax' }))
})

test('repeated keys are refused or the last one counts, and __proto__ is an ordinary key', () => {
  expect(() => parseJson('{"a":1,"a":1}', strict)).toThrow(expect.objectContaining({ code: 'json/duplicate-key' }))
  expect(() => parseJson('{"\\u0061":1,"a":1}', strict)).toThrow(expect.objectContaining({ code: 'json/duplicate-key' }))
  expect(parseJson('{"a":1,"a":2}', python)).toEqual({ a: 2 })
  const object = parseJson('{"__proto__":{"polluted":true}}', strict)
  expect(Object.getPrototypeOf(object)).toBeNull()
  expect(Object.keys(object as object)).toEqual(['__proto__'])
})

test('nesting has an end', () => {
  expect(() => parseJson('['.repeat(1e6), strict)).toThrow(expect.objectContaining({ code: 'json/too-deep' }))
})

describe('a configuration file', () => {
  const read = (text: string) => readJsonObject(fileFolder('model', new Map([['config.json', ascii(text)]])), 'config.json')

  test("has both of transformers' spellings of infinity", async () => {
    const config = await read('{"a": Infinity, "b": [{"__float__": "-Infinity"}], "c": {"__float__": "other"}}')
    expect(config).toEqual({ a: Number.POSITIVE_INFINITY, b: [Number.NEGATIVE_INFINITY], c: { __float__: 'other' } })
  })

  test('must be an object of sensible size', async () => {
    await expect(read('[]')).rejects.toMatchObject({ code: 'json/not-an-object' })
    await expect(read(' '.repeat(64 * 1024 * 1024 + 1))).rejects.toMatchObject({ code: 'json/too-large' })
  })
})
