// Strings and numbers of a schema.
import type { JsonObject } from '@fs/core'
import { fail } from '../../errors.ts'
import { type GrammarNode, repeat, rule, sequence } from '../grammar.ts'
import { patternSearch } from '../pattern.ts'
import { bad, bound, count, unsatisfiable } from './checks.ts'
import { integersBetween } from './integers.ts'
import { escapedForJson, FRACTION, INTEGER, NON_NEGATIVE_INTEGER, quoted, STRING_CHARACTER } from './json.ts'
import { FORMATS } from './keywords.ts'

export function stringNode(schema: JsonObject, where: string): GrammarNode {
  const { pattern, format } = schema
  const min = count(schema, 'minLength', where) ?? 0
  const max = count(schema, 'maxLength', where)
  if (max !== undefined && max < min) throw unsatisfiable(where, 'maxLength is below minLength')
  const shape = typeof format === 'string' && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
  if (pattern === undefined && shape === undefined)
    return min === 0 && max === undefined ? rule(' string') : quoted(repeat(STRING_CHARACTER, min, max))
  if (min > 0 || max !== undefined)
    throw fail('decode/unsupported-schema', `${where}: a length beside a pattern or format is not followed; say it in the pattern`, {
      where,
      keyword: 'minLength',
    })
  if (pattern !== undefined && shape !== undefined)
    throw fail('decode/unsupported-schema', `${where}: pattern and format together are not followed`, { where, keyword: 'format' })
  if (pattern !== undefined && typeof pattern !== 'string') throw bad(where, 'pattern is not a string')
  return quoted(escapedForJson(patternSearch(pattern ?? shape!)))
}

export function integerNode(schema: JsonObject, where: string): GrammarNode {
  const least = bound(schema, 'minimum', where)
  const above = bound(schema, 'exclusiveMinimum', where)
  const most = bound(schema, 'maximum', where)
  const below = bound(schema, 'exclusiveMaximum', where)
  const min = Math.max(Math.ceil(least ?? Number.NEGATIVE_INFINITY), Math.floor(above ?? Number.NEGATIVE_INFINITY) + 1)
  const max = Math.min(Math.floor(most ?? Number.POSITIVE_INFINITY), Math.ceil(below ?? Number.POSITIVE_INFINITY) - 1)
  if (max < min) throw unsatisfiable(where, 'maximum is below minimum')
  if (min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY) return INTEGER
  for (const value of [min, max])
    if (Number.isFinite(value) && !Number.isSafeInteger(value)) throw bad(where, `the bound ${value} is not a safe integer`)
  return integersBetween(min, max)
}

/** Numbers with a fraction can be held to a sign, not to other bounds. */
export function numberNode(schema: JsonObject, where: string): GrammarNode {
  for (const key of ['maximum', 'exclusiveMinimum', 'exclusiveMaximum']) {
    if (schema[key] !== undefined)
      throw fail('decode/unsupported-schema', `${where}: "${key}" is followed for integers only`, { where, keyword: key })
  }
  const least = bound(schema, 'minimum', where)
  if (least === undefined) return rule(' number')
  if (least !== 0)
    throw fail('decode/unsupported-schema', `${where}: "minimum" of a number is followed only if it is 0`, { where, keyword: 'minimum' })
  return sequence(NON_NEGATIVE_INTEGER, FRACTION)
}
