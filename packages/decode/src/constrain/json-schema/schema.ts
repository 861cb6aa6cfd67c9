// A JSON schema as a grammar whose texts all satisfy it. Keywords that can not be kept are refused by name and place; `oneOf` is read
// as `anyOf`, so its branches have to exclude one another by themselves.
import type { Json, JsonObject } from '@fs/core'
import { fail } from '../../errors.ts'
import { either, type Grammar, type GrammarNode, rule, sequence, text } from '../grammar.ts'
import { arrayNode } from './array.ts'
import { arrayOf, bad, count, unsatisfiable, unsupported } from './checks.ts'
import { type JsonWhitespace, jsonRules, listOf, literal, WHITESPACE } from './json.ts'
import { DESCRIPTIVE_KEYWORDS, isKnownKeyword, TYPE_KEYWORDS } from './keywords.ts'
import { mergeSchemas, same } from './merge.ts'
import { objectNode } from './object.ts'
import { integerNode, numberNode, stringNode } from './scalars.ts'

type TypeName = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null'
const TYPE_NAMES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const satisfies readonly TypeName[]

/** Schemas inside schemas; `$ref` begins anew. */
const MAX_NESTING = 200

/**
 * @param schema a JSON schema: an object, `true` for any value
 * @throws FsError `decode/bad-schema` for what is malformed or can not be satisfied, `decode/unsupported-schema` for keywords that can
 * not be followed
 */
export function schemaGrammar(schema: Json, whitespace: JsonWhitespace = 'any'): Grammar {
  const ws = WHITESPACE[whitespace]
  const rules = new Map(jsonRules(ws))
  let defined = 0
  const define = (node: GrammarNode): GrammarNode => {
    const name = ` ${defined++}`
    rules.set(name, node)
    return rule(name)
  }
  const context: Context = { root: schema, ws, define, references: new Map(), rules }
  rules.set('root', valueNode(schema, '#', 0, context))
  return rules
}

type Context = {
  readonly root: Json
  readonly ws: GrammarNode
  define(node: GrammarNode): GrammarNode
  /** Rules by the pointer of a `$ref`, entered before they are filled, so that a schema may contain itself. */
  readonly references: Map<string, GrammarNode>
  readonly rules: Map<string, GrammarNode>
}

function valueNode(schema: Json, where: string, depth: number, context: Context): GrammarNode {
  if (depth > MAX_NESTING) throw fail('decode/unsupported-schema', `${where}: schemas are nested more than ${MAX_NESTING} deep`, { where })
  if (schema === true) return rule(' value')
  if (schema === false) throw unsatisfiable(where, 'the schema is false')
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) throw bad(where, 'a schema is an object or true')
  const given = schema as JsonObject
  for (const key of Object.keys(given)) if (!isKnownKeyword(key)) throw unsupported(where, key)
  if (given.$ref !== undefined) return referenceNode(given, where, context)
  if (given.allOf !== undefined) return valueNode(allOf(given, where, context), where, depth + 1, context)
  const branches = given.anyOf ?? given.oneOf
  if (branches !== undefined) return branchesNode(given, branches, where, depth, context)
  if (given.const !== undefined) return literalsNode([given.const], given, where, context.ws)
  if (given.enum !== undefined) return literalsNode(arrayOf(given.enum, `${where}/enum`), given, where, context.ws)
  return either(...typesOf(given, where).map((type) => typedNode(type, given, where, depth, context)))
}

/** The types a schema allows: the ones it names, those its keywords speak of, or all. */
function typesOf(schema: JsonObject, where: string): readonly (TypeName | 'any')[] {
  const { type } = schema
  if (type === undefined) {
    const spoken = Object.entries(TYPE_KEYWORDS).flatMap(([name, keywords]) =>
      keywords.some((keyword) => schema[keyword] !== undefined) ? [name as TypeName] : [],
    )
    return spoken.length > 0 ? spoken : ['any']
  }
  const names = Array.isArray(type) ? type : [type]
  if (names.length === 0) throw unsatisfiable(where, 'no type is left')
  return names.map((name) => {
    const known = TYPE_NAMES.find((candidate) => candidate === name)
    if (known === undefined) throw bad(where, `there is no type ${JSON.stringify(name)}`)
    return known
  })
}

function typedNode(type: TypeName | 'any', schema: JsonObject, where: string, depth: number, context: Context): GrammarNode {
  switch (type) {
    case 'any':
      return rule(' value')
    case 'null':
      return text('null')
    case 'boolean':
      return either(text('true'), text('false'))
    case 'string':
      return stringNode(schema, where)
    case 'integer':
      return integerNode(schema, where)
    case 'number':
      return numberNode(schema, where)
    case 'array':
      return arrayNode(schema, where, context.ws, (item, at) => context.define(valueNode(item, at, depth + 1, context)))
    case 'object':
      return objectOf(schema, where, depth, context)
    default:
      return type satisfies never
  }
}

function referenceNode(schema: JsonObject, where: string, context: Context): GrammarNode {
  for (const key of Object.keys(schema)) {
    if (key !== '$ref' && !DESCRIPTIVE_KEYWORDS.has(key))
      throw fail('decode/unsupported-schema', `${where}: "${key}" beside "$ref" is not followed; use allOf`, { where, keyword: key })
  }
  const pointer = schema.$ref
  if (typeof pointer !== 'string') throw bad(where, '$ref is not a string')
  const known = context.references.get(pointer)
  if (known !== undefined) return known
  const target = resolvePointer(context.root, pointer, where)
  const name = ` ref ${pointer}`
  context.references.set(pointer, rule(name))
  context.rules.set(name, valueNode(target, pointer, 0, context))
  return rule(name)
}

/** RFC 6901, within this schema. */
function resolvePointer(root: Json, pointer: string, where: string): Json {
  if (pointer !== '#' && !pointer.startsWith('#/')) {
    throw fail(
      'decode/unsupported-schema',
      `${where}: only references inside the schema (#/…) are followed, not ${JSON.stringify(pointer)}`,
      { where, keyword: '$ref' },
    )
  }
  let value: Json = root
  for (const part of pointer.split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) throw bad(where, `${pointer} points nowhere`)
    value = (value as JsonObject)[key]!
  }
  return value
}

function allOf(schema: JsonObject, where: string, context: Context): JsonObject {
  const { allOf: parts, ...rest } = schema
  return arrayOf(parts!, `${where}/allOf`).reduce<JsonObject>((merged, part, index) => {
    const at = `${where}/allOf/${index}`
    const { $ref } = part as JsonObject
    const resolved = typeof $ref === 'string' ? resolvePointer(context.root, $ref, at) : part
    if (resolved === true) return merged
    if (typeof resolved !== 'object' || resolved === null || Array.isArray(resolved)) throw bad(at, 'a part of allOf is an object')
    return mergeSchemas(merged, resolved as JsonObject, where)
  }, rest)
}

function branchesNode(schema: JsonObject, branches: Json, where: string, depth: number, context: Context): GrammarNode {
  const { anyOf: _any, oneOf: _one, ...rest } = schema
  if (schema.anyOf !== undefined && schema.oneOf !== undefined)
    throw fail('decode/unsupported-schema', `${where}: anyOf and oneOf together are not followed`, { where, keyword: 'oneOf' })
  const common = Object.keys(rest).some((key) => !DESCRIPTIVE_KEYWORDS.has(key))
  const nodes = arrayOf(branches, where).map((branch, index) => {
    const at = `${where}/${schema.anyOf === undefined ? 'oneOf' : 'anyOf'}/${index}`
    return valueNode(common ? { allOf: [rest, branch] } : branch, at, depth + 1, context)
  })
  if (nodes.length === 0) throw unsatisfiable(where, 'there are no branches')
  return either(...nodes)
}

function literalsNode(values: readonly Json[], schema: JsonObject, where: string, ws: GrammarNode): GrammarNode {
  for (const key of Object.keys(schema)) {
    const plain = key === 'type' || key === 'const' || key === 'enum' || DESCRIPTIVE_KEYWORDS.has(key)
    if (!plain) throw fail('decode/unsupported-schema', `${where}: "${key}" beside const or enum is not followed`, { where, keyword: key })
  }
  const types = schema.type === undefined ? undefined : typesOf(schema, where)
  const inEnum =
    schema.enum === undefined ? values : values.filter((value) => arrayOf(schema.enum!, where).some((other) => same(value, other)))
  const kept = inEnum.filter((value) => types === undefined || types.some((type) => hasType(value, type)))
  if (kept.length === 0) throw unsatisfiable(where, 'no value is left')
  return either(...kept.map((value) => literal(value, ws)))
}

function hasType(value: Json, type: TypeName | 'any'): boolean {
  if (type === 'any') return true
  if (value === null) return type === 'null'
  if (Array.isArray(value)) return type === 'array'
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

function objectOf(schema: JsonObject, where: string, depth: number, context: Context): GrammarNode {
  const properties = schema.properties ?? {}
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) throw bad(where, 'properties is not an object')
  const required = new Set(arrayOf(schema.required ?? [], `${where}/required`).map(String))
  const entries = new Map(Object.entries(properties as JsonObject))
  const { additionalProperties } = schema
  // A required key without a schema of its own takes the one for further keys.
  for (const name of required) {
    if (!entries.has(name)) entries.set(name, additionalProperties ?? true)
    if (entries.get(name) === false) throw unsatisfiable(where, `"${name}" is required and may not be there`)
  }
  const declared = [...entries].filter(([, value]) => value !== false)
  const min = count(schema, 'minProperties', where) ?? 0
  const max = count(schema, 'maxProperties', where)
  // Nothing is said of any key: any keys. Keys are declared: only those, unless more are asked for, or a model would invent some.
  const open = entries.size === 0 ? (additionalProperties ?? true) : (additionalProperties ?? false)
  const additional = open === false ? undefined : context.define(valueNode(open, `${where}/additionalProperties`, depth + 1, context))
  if (min > required.size || (max !== undefined && max < entries.size + (additional === undefined ? 0 : 1))) {
    if (entries.size > 0 || additional === undefined) throw unsupported(where, min > required.size ? 'minProperties' : 'maxProperties')
    if (max !== undefined && max < min) throw unsatisfiable(where, 'maxProperties is below minProperties')
    return listOf('{', sequence(rule(' string'), context.ws, text(':'), context.ws, additional), '}', min, max, context.ws)
  }
  return objectNode({
    properties: declared.map(([name, value]) => ({
      name,
      value: context.define(valueNode(value, `${where}/properties/${name}`, depth + 1, context)),
      required: required.has(name),
    })),
    additional,
    ws: context.ws,
    define: context.define,
  })
}
