// What is wrong with a schema, in words, and its values read with their types checked.
import type { Json, JsonObject } from '@fs/core'
import { fail } from '../../errors.ts'

export function arrayOf(value: Json, where: string): readonly Json[] {
  if (!Array.isArray(value)) throw bad(where, 'a list is needed')
  return value
}

export function count(schema: JsonObject, key: string, where: string): number | undefined {
  const value = schema[key]
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw bad(where, `${key} is not a whole number from 0`)
  return value
}

export function bound(schema: JsonObject, key: string, where: string): number | undefined {
  const value = schema[key]
  if (value === undefined) return undefined
  if (typeof value !== 'number') throw bad(where, `${key} is not a number`)
  return value
}

export const bad = (where: string, what: string) => fail('decode/bad-schema', `${where} of the schema: ${what}`, { where })
export const unsatisfiable = (where: string, what: string) =>
  fail('decode/bad-schema', `${where} of the schema can not be satisfied: ${what}`, { where })
export const unsupported = (where: string, keyword: string) =>
  fail(
    'decode/unsupported-schema',
    `${where}: the keyword "${keyword}" can not be followed while writing; leave it out and check the result`,
    { where, keyword },
  )
