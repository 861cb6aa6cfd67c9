// A JSON parser for files nobody has checked. `JSON.parse` hides duplicate keys, lets `__proto__` reach prototypes when copied about, and
// knows no NaN; this one keeps every object without a prototype. It is not meant for megabytes of tokenizer.json.
import type { Json, JsonObject } from '@fs/core'
import { fail } from '../errors.ts'

/** How a parser treats what the JSON grammar leaves open. */
export type JsonReader = {
  /** What messages call the text. */
  readonly name: string
  /** `python` also takes NaN, Infinity and -Infinity, which Python's json module writes and transformers reads. `integers` takes nothing else. */
  readonly numbers: 'json' | 'python' | 'integers'
  /** `refuse`: a repeated key is an error. `last`: the last one counts, as in Python. */
  readonly duplicateKeys: 'refuse' | 'last'
}

/** Levels of nesting. Real configurations have under ten. */
const MAX_DEPTH = 64

type State = { readonly text: string; readonly reader: JsonReader; at: number }

/**
 * Parses one JSON value. Objects have a null prototype.
 * @throws FsError json/syntax, json/duplicate-key, json/too-deep
 */
export function parseJson(text: string, reader: JsonReader): Json {
  const state: State = { text, reader, at: 0 }
  const value = parseValue(state, 0)
  skipSpace(state)
  if (state.at < text.length) throw syntax(state, 'has something after its end')
  return value
}

function parseValue(state: State, depth: number): Json {
  if (depth > MAX_DEPTH) throw fail('json/too-deep', `${state.reader.name} is nested more than ${MAX_DEPTH} levels deep`, { at: state.at })
  skipSpace(state)
  const character = state.text[state.at]
  switch (character) {
    case '{':
      return parseObject(state, depth)
    case '[':
      return parseArray(state, depth)
    case '"':
      return parseString(state)
    default:
      return parseWord(state)
  }
}

function parseObject(state: State, depth: number): JsonObject {
  const object: { [key: string]: Json } = Object.create(null)
  state.at++
  skipSpace(state)
  if (state.text[state.at] === '}') {
    state.at++
    return object
  }
  for (;;) {
    skipSpace(state)
    if (state.text[state.at] !== '"') throw syntax(state, 'lacks a key')
    const key = parseString(state)
    skipSpace(state)
    expect(state, ':')
    const value = parseValue(state, depth + 1)
    if (key in object && state.reader.duplicateKeys === 'refuse') {
      throw fail('json/duplicate-key', `${state.reader.name} names "${key}" twice`, { key, at: state.at })
    }
    object[key] = value
    skipSpace(state)
    if (state.text[state.at] === '}') break
    expect(state, ',')
  }
  state.at++
  return object
}

function parseArray(state: State, depth: number): Json[] {
  const items: Json[] = []
  state.at++
  skipSpace(state)
  if (state.text[state.at] === ']') {
    state.at++
    return items
  }
  for (;;) {
    items.push(parseValue(state, depth + 1))
    skipSpace(state)
    if (state.text[state.at] === ']') break
    expect(state, ',')
  }
  state.at++
  return items
}

/** Finds the closing quote and lets JSON.parse do the escapes: it is exact and checks for control characters. */
function parseString(state: State): string {
  const start = state.at
  let end = start + 1
  for (;;) {
    const quote = state.text.indexOf('"', end)
    if (quote === -1) throw syntax(state, 'has a string without an end')
    let backslashes = 0
    while (state.text[quote - 1 - backslashes] === '\\') backslashes++
    end = quote + 1
    if (backslashes % 2 === 0) break
  }
  state.at = end
  try {
    return JSON.parse(state.text.slice(start, end)) as string
  } catch {
    state.at = start
    throw syntax(state, 'has a malformed string')
  }
}

const WORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['null', null],
  ['true', true],
  ['false', false],
])
const PYTHON_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** Minus zero is a float to most parsers. */
const INTEGER = /^(?:0|-?[1-9]\d*)$/
const WORD = /[-+.\w]*/y

function parseWord(state: State): Json {
  WORD.lastIndex = state.at
  const word = WORD.exec(state.text)?.[0] ?? ''
  const value = WORDS.get(word) ?? (state.reader.numbers === 'python' ? PYTHON_NUMBERS.get(word) : undefined)
  const number = state.reader.numbers === 'integers' ? INTEGER : NUMBER
  if (value === undefined && word !== 'null' && !number.test(word)) throw syntax(state, 'is not JSON')
  state.at += word.length
  if (word === 'null') return null
  return value ?? Number(word)
}

function skipSpace(state: State): void {
  for (;;) {
    const code = state.text.charCodeAt(state.at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    state.at++
  }
}

function expect(state: State, character: string): void {
  if (state.text[state.at] !== character) throw syntax(state, `lacks a "${character}"`)
  state.at++
}

function syntax(state: State, what: string) {
  return fail('json/syntax', `${state.reader.name} ${what} at character ${state.at}; the file is damaged or not JSON`, { at: state.at })
}
