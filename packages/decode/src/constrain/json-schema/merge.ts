// Two schemas that both have to hold, as one: what `allOf` means, and `anyOf` beside other keywords.
import type { Json, JsonObject } from '@fs/core'
import { fail } from '../../errors.ts'

/** @param where the place in the schema, for messages @throws FsError `decode/unsupported-schema` when the two can not be put together */
export function mergeSchemas(left: JsonObject, right: JsonObject, where: string): JsonObject {
  const merged = new Map<string, Json>(Object.entries(left))
  for (const [key, value] of Object.entries(right)) {
    const other = merged.get(key)
    merged.set(key, other === undefined || same(other, value) ? value : mergeKeyword(key, other, value, where))
  }
  return Object.fromEntries(merged)
}

function mergeKeyword(key: string, left: Json, right: Json, where: string): Json {
  switch (key) {
    case 'properties':
      return mergeProperties(left as JsonObject, right as JsonObject)
    case 'required':
      return [...new Set([...(left as readonly string[]), ...(right as readonly string[])])]
    case 'type':
      return commonTypes(left, right)
    case 'enum':
      return (left as readonly Json[]).filter((value) => (right as readonly Json[]).some((other) => same(value, other)))
    case 'minimum':
    case 'exclusiveMinimum':
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return Math.max(left as number, right as number)
    case 'maximum':
    case 'exclusiveMaximum':
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return Math.min(left as number, right as number)
    case 'allOf':
      return [...(left as readonly Json[]), ...(right as readonly Json[])]
    case 'title':
    case 'description':
    case 'default':
    case 'examples':
    case '$comment':
      return right
    default:
      throw fail('decode/unsupported-schema', `${where}: two different values of "${key}" that both have to hold can not be put together`, {
        where,
        keyword: key,
      })
  }
}

/** A property both speak of has to satisfy both. */
function mergeProperties(left: JsonObject, right: JsonObject): JsonObject {
  const merged = new Map<string, Json>(Object.entries(left))
  for (const [name, schema] of Object.entries(right)) {
    const other = merged.get(name)
    merged.set(name, other === undefined || same(other, schema) ? schema : { allOf: [other, schema] })
  }
  return Object.fromEntries(merged)
}

function commonTypes(left: Json, right: Json): Json {
  const others = Array.isArray(right) ? right : [right]
  const types = Array.isArray(left) ? left : [left]
  const common = types.flatMap((type) => {
    if (others.includes(type)) return [type]
    if (type === 'integer' && others.includes('number')) return ['integer']
    return type === 'number' && others.includes('integer') ? ['integer'] : []
  })
  return common.length === 1 ? common[0]! : common
}

/** Equality of JSON values; the order of keys does not matter. */
export function same(left: Json, right: Json): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same((left as JsonObject)[key]!, (right as JsonObject)[key]!))
  )
}
