// Typed access to parsed JSON that came from a file: every step knows its path, so a wrong type is one clear sentence.
// It knows no format; the shape of tokenizer.json is in the files beside it.
import type { FsError, Json, JsonObject } from '@fs/core'
import { fail } from '../errors.ts'
import { parseJson } from './large-json.ts'

export type Reader = {
  /** File and path of this value, for messages: `tokenizer.json: model.vocab`. */
  readonly where: string
  readonly value: Json
  /** The error for a value that is not what it should be. */
  malformed(expected: string): FsError
  field(name: string): Reader
  /** The field unless it is absent or null. */
  optional(name: string): Reader | undefined
  string(): string
  boolean(): boolean
  /** An integer from 0 to `most`. */
  integer(most: number): number
  number(): number
  list(most: number): readonly Reader[]
  object(): JsonObject
}

const describe = (value: Json | undefined): string =>
  value === undefined
    ? 'missing'
    : value === null
      ? 'null'
      : Array.isArray(value)
        ? 'a list'
        : typeof value === 'object'
          ? 'an object'
          : JSON.stringify(value).slice(0, 60)

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

const own = (value: Json, name: string): Json | undefined => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined)

export function readerOf(value: Json, where: string): Reader {
  const malformed = (expected: string) => fail('tokenizer/malformed', `${where} should be ${expected} but is ${describe(value)}`, { where })
  const child = (name: string, found: Json) => readerOf(found, where.endsWith(':') ? `${where} ${name}` : `${where}.${name}`)
  return {
    where,
    value,
    malformed,
    field(name) {
      const found = own(value, name)
      if (found === undefined) throw fail('tokenizer/malformed', `${where} has no "${name}"`, { where, name })
      return child(name, found)
    },
    optional(name) {
      if (!isObject(value)) throw malformed('an object')
      const found = own(value, name)
      return found === undefined || found === null ? undefined : child(name, found)
    },
    string() {
      if (typeof value !== 'string') throw malformed('a string')
      return value
    },
    boolean() {
      if (typeof value !== 'boolean') throw malformed('true or false')
      return value
    },
    integer(most) {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
        throw malformed(`an integer from 0 to ${most}`)
      return value
    },
    number() {
      if (typeof value !== 'number') throw malformed('a number')
      return value
    },
    list(most) {
      if (!Array.isArray(value) || value.length > most) throw malformed(`a list of at most ${most} items`)
      return (value as readonly Json[]).map((item, index) => readerOf(item, `${where}[${index}]`))
    },
    object() {
      if (!isObject(value)) throw malformed('an object')
      return value
    },
  }
}

/**
 * Parses JSON text.
 * @throws FsError when it is not JSON, or not an object.
 */
export function readJson(text: string, file: string): Reader {
  return readObject(parseJson(text, file), file)
}

/** A file's content that was parsed already. @throws FsError when it is not an object */
export function readObject(value: Json, file: string): Reader {
  if (!isObject(value)) throw fail('tokenizer/malformed', `${file}: should hold a JSON object but holds ${describe(value)}`, { file })
  return readerOf(value, `${file}:`)
}
