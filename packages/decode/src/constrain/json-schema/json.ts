// JSON itself as grammar rules: any value, strings, numbers, and the white space between.
import type { Json } from '@fs/core'
import {
  type CharacterRanges,
  characters,
  commonCharacters,
  either,
  type GrammarNode,
  MAX_CODE_POINT,
  NOTHING,
  optional,
  repeat,
  rule,
  sequence,
  text,
} from '../grammar.ts'

/**
 * `any`: at most a blank, or one or two line ends with up to 20 blanks (llama.cpp's choice; without a bound a model can write blanks
 * for ever).
 * `none`: nothing, for the fewest tokens.
 */
export type JsonWhitespace = 'any' | 'none'

export const WHITESPACE = {
  any: either(NOTHING, text(' '), sequence(repeat(text('\n'), 1, 2), repeat(characters([0x20, 0x20], [0x09, 0x09]), 0, 20))),
  none: NOTHING,
} as const satisfies { readonly [Name in JsonWhitespace]: GrammarNode }

const DIGIT = characters([0x30, 0x39])
const DIGIT_1_TO_9 = characters([0x31, 0x39])
const HEX = characters([0x30, 0x39], [0x41, 0x46], [0x61, 0x66])
const EXPONENT_SIGN = characters([0x45, 0x45], [0x65, 0x65])

/** Characters that stand for themselves in a JSON string. Surrogates are never written: they have no UTF-8. */
const PLAIN: CharacterRanges = [
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, MAX_CODE_POINT],
]

/** `\u` and four digits, without surrogates, so that every string is whole characters. */
const UNICODE_ESCAPE = sequence(
  text('u'),
  either(
    sequence(characters([0x30, 0x39], [0x41, 0x43], [0x45, 0x46], [0x61, 0x63], [0x65, 0x66]), HEX, HEX, HEX),
    sequence(characters([0x44, 0x44], [0x64, 0x64]), characters([0x30, 0x37]), HEX, HEX),
  ),
)

/** One character of a string, as itself or escaped. */
export const STRING_CHARACTER: GrammarNode = either(
  characters(...PLAIN),
  sequence(text('\\'), either(characters(...Array.from('"\\/bfnrt', (c) => [c.charCodeAt(0), c.charCodeAt(0)] as const)), UNICODE_ESCAPE)),
)

/** Up to 16 digits, about what a double holds. */
export const INTEGER: GrammarNode = sequence(optional(text('-')), either(text('0'), sequence(DIGIT_1_TO_9, repeat(DIGIT, 0, 15))))
export const NON_NEGATIVE_INTEGER: GrammarNode = either(text('0'), sequence(DIGIT_1_TO_9, repeat(DIGIT, 0, 15)))
/** What makes a number of an integer. Two digits of exponent stay within a double. */
export const FRACTION: GrammarNode = sequence(
  optional(sequence(text('.'), repeat(DIGIT, 1, 16))),
  optional(sequence(EXPONENT_SIGN, optional(characters([0x2b, 0x2b], [0x2d, 0x2d])), repeat(DIGIT, 1, 2))),
)

export const quoted = (inside: GrammarNode): GrammarNode => sequence(text('"'), inside, text('"'))

/** `open item, item close`, from `min` to `max` items. */
export function listOf(open: string, item: GrammarNode, close: string, min: number, max: number | undefined, ws: GrammarNode): GrammarNode {
  if (max === 0) return sequence(text(open), ws, text(close))
  const more = repeat(sequence(ws, text(','), ws, item), Math.max(0, min - 1), max === undefined ? undefined : max - 1)
  const items = sequence(item, more, ws)
  return sequence(text(open), ws, min === 0 ? optional(items) : items, text(close))
}

/** One value, with the white space any JSON may have. */
export function literal(value: Json, ws: GrammarNode): GrammarNode {
  if (typeof value !== 'object' || value === null) return text(JSON.stringify(value))
  const items = Array.isArray(value)
    ? value.map((item) => literal(item, ws))
    : Object.entries(value).map(([key, item]) => sequence(text(JSON.stringify(key)), ws, text(':'), ws, literal(item, ws)))
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const separated = items.flatMap((item, index) => (index === 0 ? [item] : [ws, text(','), ws, item]))
  return sequence(text(open), ws, ...separated, ...(items.length > 0 ? [ws] : []), text(close))
}

/** Rules for values without a schema. Names begin with a blank, so that no other rule can have them. */
export function jsonRules(ws: GrammarNode): ReadonlyMap<string, GrammarNode> {
  const member = sequence(rule(' string'), ws, text(':'), ws, rule(' value'))
  return new Map([
    [' value', either(rule(' object'), rule(' array'), rule(' string'), rule(' number'), text('true'), text('false'), text('null'))],
    [' object', listOf('{', member, '}', 0, undefined, ws)],
    [' array', listOf('[', rule(' value'), ']', 0, undefined, ws)],
    [' string', quoted(repeat(STRING_CHARACTER, 0))],
    [' number', sequence(INTEGER, FRACTION)],
  ])
}

const SHORT_ESCAPES = new Map([
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x22, '"'],
  [0x5c, '\\'],
])

/** A node about the characters of a string, rewritten to how JSON spells them. */
export function escapedForJson(node: GrammarNode): GrammarNode {
  switch (node.kind) {
    case 'text':
      return text(JSON.stringify(node.text).slice(1, -1))
    case 'characters':
      return escapedCharacters(node.ranges)
    case 'sequence':
      return sequence(...node.parts.map(escapedForJson))
    case 'either':
      return either(...node.options.map(escapedForJson))
    case 'repeat':
      return repeat(escapedForJson(node.node), node.min, node.max)
    case 'rule':
      return node
    default:
      return node satisfies never
  }
}

function escapedCharacters(ranges: CharacterRanges): GrammarNode {
  const options: GrammarNode[] = [characters(...commonCharacters(ranges, PLAIN))]
  const escaped: CharacterRanges = [
    [0x00, 0x1f],
    [0x22, 0x22],
    [0x5c, 0x5c],
  ]
  for (const [low, high] of commonCharacters(ranges, escaped)) {
    for (let code = low; code <= high; code++) {
      const short = SHORT_ESCAPES.get(code)
      options.push(text(short === undefined ? `\\u${code.toString(16).padStart(4, '0')}` : `\\${short}`))
    }
  }
  return either(...options)
}
