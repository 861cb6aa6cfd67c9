// Objects of a schema: properties in the order they are declared, optional ones present or not, further ones where the schema says so.
import {
  characters,
  commonCharacters,
  either,
  type GrammarNode,
  NOTHING,
  optional,
  otherCharacters,
  repeat,
  sequence,
  text,
} from '../grammar.ts'
import { STRING_CHARACTER } from './json.ts'

export type Property = { readonly name: string; readonly value: GrammarNode; readonly required: boolean }

export type ObjectParts = {
  readonly properties: readonly Property[]
  /** The value of keys that are not declared; undefined when there may be none. */
  readonly additional: GrammarNode | undefined
  readonly ws: GrammarNode
  /** Enters a rule and gives a node that uses it. */
  define(node: GrammarNode): GrammarNode
}

/**
 * The members after the first few are a chain of rules, one per property and per "is there already a member before": its size grows
 * with the number of properties, not with the number of ways to leave some out.
 */
export function objectNode({ properties, additional, ws, define }: ObjectParts): GrammarNode {
  const comma = sequence(ws, text(','), ws)
  const members = properties.map(({ name, value }) => sequence(text(JSON.stringify(name)), ws, text(':'), ws, value))
  const further =
    additional === undefined ? undefined : define(sequence(keyExcept(properties.map(({ name }) => name)), ws, text(':'), ws, additional))
  let rest = further === undefined ? NOTHING : define(repeat(sequence(comma, further), 0))
  let first: GrammarNode = further === undefined ? ws : either(ws, sequence(ws, further, rest, ws))
  for (let index = properties.length - 1; index >= 0; index--) {
    const member = members[index]!
    const { required } = properties[index]!
    const begun = sequence(ws, member, rest, ws)
    first = define(required ? begun : either(begun, first))
    const continued = sequence(comma, member)
    rest = define(sequence(required ? continued : optional(continued), rest))
  }
  return sequence(text('{'), first, text('}'))
}

/** A key that is none of these. Spelled with escapes a key could still be one of them, so further keys have none. */
function keyExcept(names: readonly string[]): GrammarNode {
  if (names.length === 0) return sequence(text('"'), repeat(STRING_CHARACTER, 0), text('"'))
  return sequence(text('"'), otherThan(names.map((name) => Array.from(name))), text('"'))
}

const PLAIN_KEY_CHARACTERS = otherCharacters([
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
])
const REST_OF_KEY = repeat(characters(...PLAIN_KEY_CHARACTERS), 0)

/** Texts that are none of these words: walks their letters as a tree, and ends or leaves it anywhere but at a word's end. */
function otherThan(words: readonly (readonly string[])[]): GrammarNode {
  const branches = new Map<string, string[][]>()
  let endsHere = false
  for (const [letter, ...rest] of words) {
    if (letter === undefined) endsHere = true
    else branches.set(letter, [...(branches.get(letter) ?? []), rest])
  }
  const taken = Array.from(branches.keys(), (letter) => [letter.codePointAt(0)!, letter.codePointAt(0)!] as const)
  const leaving = sequence(characters(...commonCharacters(PLAIN_KEY_CHARACTERS, otherCharacters(taken))), REST_OF_KEY)
  const staying = Array.from(branches, ([letter, rest]) => sequence(text(letter), otherThan(rest)))
  return either(leaving, ...staying, ...(endsHere ? [] : [NOTHING]))
}
