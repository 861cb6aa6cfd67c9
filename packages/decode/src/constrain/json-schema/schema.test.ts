import type { Json } from '@fs/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { grammarMatcher } from '../matcher.ts'
import { randomText } from '../testing.test-support.ts'
import { FORMATS } from './keywords.ts'
import { schemaGrammar } from './schema.ts'

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true })
for (const [name, pattern] of Object.entries(FORMATS)) ajv.addFormat(name, new RegExp(pattern, 'u'))

const PERSON = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0, maximum: 130 }, email: { type: 'string', format: 'email' } },
  required: ['name', 'age'],
}

/** Schemas, instances that satisfy them, and texts that do not. */
const SCHEMAS: readonly {
  readonly label: string
  readonly schema: Json
  readonly good: readonly Json[]
  readonly bad: readonly string[]
}[] = [
  {
    label: 'anything',
    schema: true,
    good: [null, [1, { a: '\u0000"\\é😀' }], -1.5e-7, ''],
    bad: ['nul', '[1,]', '{"a"}', '01', "'a'", '"\n"', '+1', '.5'],
  },
  {
    label: 'an object',
    schema: PERSON,
    good: [
      { name: 'A', age: 7 },
      { name: 'B', age: 130, email: 'a.b@c.de' },
    ],
    bad: ['{}', '{"name":"A"}', '{"age":1,"name":"A"}', '{"name":"A","age":131}', '{"name":"A","age":1,"x":1}', '{"name":"A","age":1,}'],
  },
  {
    label: 'optional properties only',
    schema: { type: 'object', properties: { a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } } },
    good: [{}, { a: null }, { b: null }, { a: null, c: null }, { a: null, b: null, c: null }],
    bad: ['{,}', '{"a":null,}', '{"c":null,"a":null}'],
  },
  {
    label: 'further properties',
    schema: {
      properties: { ab: { type: 'integer' }, abc: { type: 'integer' } },
      required: ['abc'],
      additionalProperties: { type: 'boolean' },
    },
    good: [
      { abc: 1, a: true, abcd: false, '': true },
      { ab: 1, abc: 2 },
    ],
    bad: ['{"abc":1,"ab":true}', '{"abc":1,"x":1}', '{"x":true}'],
  },
  {
    label: 'a map',
    schema: { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 1, maxProperties: 2 },
    good: [{ a: 1 }, { a: 1, b: 2 }],
    bad: ['{}', '{"a":1,"b":2,"c":3}'],
  },
  {
    label: 'a required key without a schema',
    schema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['b'] },
    good: [{ a: 1, b: [1] }, { b: null }],
    bad: ['{"a":1}'],
  },
  {
    label: 'a list with bounds',
    schema: { type: 'array', items: { type: 'integer', minimum: -12, maximum: 305 }, minItems: 2, maxItems: 3 },
    good: [
      [-12, 305],
      [0, -1, 99],
    ],
    bad: ['[1]', '[1,2,3,4]', '[306,1]', '[-13,1]', '[-0,1]'],
  },
  {
    label: 'a tuple',
    schema: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: { type: 'boolean' }, minItems: 1 },
    good: [['a'], ['a', 1], ['a', 1, true, false]],
    bad: ['[]', '[1]', '["a",true]'],
  },
  {
    label: 'a closed tuple',
    schema: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 },
    good: [['a', 1]],
    bad: ['["a"]', '["a",1,1]'],
  },
  { label: 'an empty list', schema: { type: 'array', maxItems: 0 }, good: [[]], bad: ['[1]'] },
  {
    label: 'a list of lists',
    schema: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
    good: [[[1.5e3], []], []],
    bad: ['[1]'],
  },
  {
    label: 'strings of a length',
    schema: { type: 'string', minLength: 2, maxLength: 3 },
    good: ['ab', 'é😀"', '\n\t\\'],
    bad: ['"a"', '"abcd"'],
  },
  { label: 'a pattern', schema: { type: 'string', pattern: '^[A-Z]{2}-\\d+"?$' }, good: ['AB-1', 'AB-123"'], bad: ['"AB-"', '"xAB-1"'] },
  { label: 'a pattern anywhere', schema: { type: 'string', pattern: '[a-m]\\n?' }, good: ['1a\n', 'xxb\nyy'], bad: ['"xx"'] },
  {
    label: 'dates and ids',
    schema: {
      type: 'object',
      properties: {
        d: { type: 'string', format: 'date' },
        t: { type: 'string', format: 'date-time' },
        u: { type: 'string', format: 'uuid' },
        i: { type: 'string', format: 'ipv4' },
      },
      required: ['d', 't', 'u', 'i'],
    },
    good: [{ d: '2024-02-29', t: '2024-07-26T09:05:00Z', u: '123e4567-e89b-12d3-a456-426614174000', i: '192.168.0.1' }],
    bad: ['{"d":"2024-13-01'],
  },
  {
    label: 'enum and const',
    schema: { type: 'object', properties: { k: { enum: ['a', 1, null, { x: [1] }] }, c: { const: 'fixed' } }, required: ['k', 'c'] },
    good: [
      { k: 'a', c: 'fixed' },
      { k: null, c: 'fixed' },
      { k: { x: [1] }, c: 'fixed' },
    ],
    bad: ['{"k":"b"', '{"k":1,"c":"other"'],
  },
  { label: 'several types', schema: { type: ['integer', 'null', 'string'], minimum: 3 }, good: [3, null, 'x', 4000], bad: ['2', 'true'] },
  {
    label: 'branches',
    schema: {
      anyOf: [
        { type: 'integer', exclusiveMaximum: 0 },
        { type: 'object', properties: { a: { type: 'null' } }, required: ['a'] },
      ],
    },
    good: [-1, { a: null }],
    bad: ['0', '{}'],
  },
  {
    label: 'branches beside keywords',
    schema: {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'integer' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    good: [{ a: 1 }, { b: 1 }, { a: 1, b: 1 }],
    bad: ['{}'],
  },
  {
    label: 'all of',
    schema: { allOf: [PERSON, { properties: { age: { maximum: 17 }, school: { type: 'string' } }, required: ['school'] }] },
    good: [{ name: 'A', age: 17, school: 'S' }],
    bad: ['{"name":"A","age":18'],
  },
  {
    label: 'a tree',
    schema: {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { v: { type: 'integer' }, kids: { type: 'array', items: { $ref: '#/$defs/node' } } },
          required: ['v', 'kids'],
        },
      },
    },
    good: [
      {
        v: 1,
        kids: [
          { v: 2, kids: [] },
          { v: 3, kids: [{ v: 4, kids: [] }] },
        ],
      },
    ],
    bad: ['{"v":1,"kids":[1]}'],
  },
  { label: 'numbers', schema: { type: 'number', minimum: 0 }, good: [0, 0.5, 12e9], bad: ['-1'] },
  {
    label: 'large bounds',
    schema: { type: 'integer', minimum: 999_999, maximum: 9_007_199_254_740_991 },
    good: [999_999, 1_000_000, 9_007_199_254_740_991],
    bad: ['999998', '9007199254740992'],
  },
  {
    label: 'names that are not letters',
    schema: {
      type: 'object',
      properties: { ['__proto__']: { type: 'null' }, 'a"b': { type: 'null' }, 'é\n': { type: 'null' } },
      required: ['a"b', 'é\n'],
    },
    good: [{ 'a"b': null, 'é\n': null }],
    bad: ['{}'],
  },
]

describe.each(SCHEMAS)('$label', ({ schema, good, bad }) => {
  test('takes what satisfies it', () => {
    const validate = ajv.compile(schema as object)
    for (const whitespace of ['any', 'none'] as const) {
      const match = grammarMatcher(schemaGrammar(schema, whitespace))
      for (const instance of good) {
        expect(validate(instance), JSON.stringify(instance)).toBe(true)
        expect(match(JSON.stringify(instance)), JSON.stringify(instance)).toBe('complete')
      }
    }
    const spaced = grammarMatcher(schemaGrammar(schema))
    for (const instance of good) expect(spaced(JSON.stringify(instance, null, 2)), JSON.stringify(instance)).toBe('complete')
  })

  test.each(bad)('never writes %s', (text) => {
    expect(grammarMatcher(schemaGrammar(schema))(text)).not.toBe('complete')
  })

  test('everything it writes satisfies it', () => {
    const validate = ajv.compile(schema as object)
    const grammar = schemaGrammar(schema)
    let written = 0
    for (let seed = 0; seed < 40; seed++) {
      const text = randomText(grammar, seed)
      if (text === undefined) continue
      written += 1
      expect(validate(JSON.parse(text)), `${text}: ${ajv.errorsText(validate.errors)}`).toBe(true)
    }
    expect(written).toBeGreaterThan(20)
  })
})

describe('what can not be kept is refused, with the place and the keyword', () => {
  test.each<[Json, RegExp]>([
    [{ type: 'object', patternProperties: {} }, /# *: .*patternProperties/],
    [{ type: 'object', properties: { a: { type: 'array', uniqueItems: true } } }, /#\/properties\/a.*uniqueItems/],
    [{ not: {} }, /not/],
    [{ type: 'number', maximum: 3 }, /maximum/],
    [{ type: 'number', minimum: 1 }, /minimum/],
    [{ type: 'integer', multipleOf: 3 }, /multipleOf/],
    [{ $ref: 'https://example.org/schema.json' }, /\$ref|references/],
    [{ $ref: '#/$defs/a', type: 'object', $defs: { a: {} } }, /beside/],
    [{ type: 'string', minLength: 2, pattern: 'a' }, /length/],
    [{ enum: [1, 2], minimum: 2 }, /beside/],
    [{ allOf: [{ pattern: 'a' }, { pattern: 'b' }] }, /pattern/],
    [{ type: 'object', properties: { a: {}, b: {} }, minProperties: 1 }, /minProperties/],
    [{ anyOf: [{}], oneOf: [{}] }, /together/],
    [{ allOf: [{ $ref: '#' }] }, /nested/],
  ])('%j', (schema, reason) => {
    expect(() => schemaGrammar(schema)).toThrow(
      expect.objectContaining({ code: 'decode/unsupported-schema', message: expect.stringMatching(reason) }),
    )
  })

  test.each<[Json]>([
    [false],
    [1],
    [{ type: 'text' }],
    [{ type: [] }],
    [{ type: 'integer', minimum: 2, maximum: 1 }],
    [{ type: 'integer', minimum: 'a' }],
    [{ type: 'integer', minimum: 1e300 }],
    [{ type: 'string', minLength: -1 }],
    [{ type: 'string', minLength: 3, maxLength: 2 }],
    [{ type: 'array', minItems: 2, maxItems: 1 }],
    [{ type: 'array', prefixItems: [{}], items: false, minItems: 2 }],
    [{ type: 'array', items: false, minItems: 1 }],
    [{ enum: [] }],
    [{ enum: ['a'], type: 'integer' }],
    [{ enum: 'a' }],
    [{ anyOf: [] }],
    [{ $ref: '#/nowhere' }],
    [{ type: 'object', required: ['a'], additionalProperties: false }],
    [{ type: 'object', properties: [] }],
  ])('%j can not be satisfied or read', (schema) => {
    expect(() => schemaGrammar(schema)).toThrow(expect.objectContaining({ code: 'decode/bad-schema' }))
  })

  test('a reference that leads to itself is refused when it is built', () => {
    expect(() => grammarMatcher(schemaGrammar({ anyOf: [{ $ref: '#' }] }))).toThrow(expect.objectContaining({ code: 'decode/bad-grammar' }))
  })
})
