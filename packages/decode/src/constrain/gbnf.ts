// Reads grammars in llama.cpp's notation (grammars/README.md of llama.cpp v0.5.0): rules `name ::= …`, "text", [a-z], [^a-z], `.`,
// groups, * + ? {m,n}, alternatives, comments. Tokens by id or name (`<[1000]>`, `<think>`) are not read: a grammar here is about text.
import { fail } from '../errors.ts'
import {
  characters,
  either,
  type Grammar,
  type GrammarNode,
  joinedRanges,
  MAX_CODE_POINT,
  NOTHING,
  otherCharacters,
  repeat,
  rule,
  sequence,
  text,
} from './grammar.ts'

/** Most repetitions of one part, as in llama.cpp (MAX_REPETITION_THRESHOLD). */
const MAX_REPETITIONS = 2000
const MAX_NESTING = 200

/** @throws FsError `decode/bad-grammar` with line and column */
export function parseGbnf(source: string): Grammar {
  const reader = createReader(source)
  const rules = new Map<string, GrammarNode>()
  reader.skip(true)
  while (!reader.atEnd()) {
    const name = reader.name()
    reader.skip(false)
    reader.expect('::=')
    reader.skip(true)
    if (rules.has(name)) throw reader.error(`rule "${name}" is defined twice`)
    rules.set(name, alternatives(reader, 0))
    reader.skip(true)
  }
  if (!rules.has('root')) throw fail('decode/bad-grammar', 'the grammar has no rule "root", which is where a text begins')
  return rules
}

function alternatives(reader: Reader, depth: number): GrammarNode {
  if (depth > MAX_NESTING) throw reader.error(`groups are nested more than ${MAX_NESTING} deep`)
  const options = [parts(reader, depth)]
  while (reader.take('|')) {
    reader.skip(true)
    options.push(parts(reader, depth))
  }
  return either(...options)
}

/** A sequence of items. Inside parentheses line ends do not matter; outside, one ends the rule unless `|` came before it. */
function parts(reader: Reader, depth: number): GrammarNode {
  const found: GrammarNode[] = []
  for (;;) {
    const item = single(reader, depth)
    if (item === undefined) break
    reader.skip(depth > 0)
    found.push(repeated(reader, item, depth))
  }
  return found.length === 1 ? found[0]! : found.length === 0 ? NOTHING : sequence(...found)
}

function single(reader: Reader, depth: number): GrammarNode | undefined {
  if (reader.take('"')) return literal(reader)
  if (reader.take('[')) return characterClass(reader)
  if (reader.take('.')) return characters([0, MAX_CODE_POINT])
  if (reader.take('(')) {
    reader.skip(true)
    const inside = alternatives(reader, depth + 1)
    reader.expect(')')
    return inside
  }
  if (reader.looksAt('<') || reader.looksAt('!')) throw reader.error('tokens by name or id are not read; write the text they stand for')
  return reader.looksAtName() && !reader.looksAtRule() ? rule(reader.name()) : undefined
}

function repeated(reader: Reader, item: GrammarNode, depth: number): GrammarNode {
  let node = item
  for (;;) {
    if (reader.take('*')) node = repeat(node, 0)
    else if (reader.take('+')) node = repeat(node, 1)
    else if (reader.take('?')) node = repeat(node, 0, 1)
    else if (reader.take('{')) node = counted(reader, node)
    else return node
    reader.skip(depth > 0)
  }
}

function counted(reader: Reader, node: GrammarNode): GrammarNode {
  reader.skip(false)
  const min = reader.integer() ?? 0
  reader.skip(false)
  let max: number | undefined = min
  if (reader.take(',')) {
    reader.skip(false)
    max = reader.integer()
    reader.skip(false)
  }
  reader.expect('}')
  if (min > MAX_REPETITIONS || (max ?? 0) > MAX_REPETITIONS) throw reader.error(`more than ${MAX_REPETITIONS} repetitions`)
  if (max !== undefined && max < min) throw reader.error(`{${min},${max}} asks for at least ${min} and at most ${max}`)
  return repeat(node, min, max)
}

function literal(reader: Reader): GrammarNode {
  let value = ''
  while (!reader.take('"')) value += String.fromCodePoint(reader.character())
  return text(value)
}

function characterClass(reader: Reader): GrammarNode {
  const negated = reader.take('^')
  const ranges: [number, number][] = []
  while (!reader.take(']')) {
    const low = reader.character()
    let high = low
    if (reader.looksAt('-') && !reader.looksAt('-]')) {
      reader.expect('-')
      high = reader.character()
    }
    if (high < low) throw reader.error('a range runs backwards')
    ranges.push([low, high])
  }
  return characters(...(negated ? otherCharacters(ranges) : joinedRanges(ranges)))
}

type Reader = ReturnType<typeof createReader>

const ESCAPES: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t', '\\': '\\', '"': '"', '[': '[', ']': ']' }
const HEX_DIGITS: { readonly [letter: string]: number } = { x: 2, u: 4, U: 8 }

function createReader(source: string) {
  let at = 0
  const error = (what: string) => {
    const before = source.slice(0, at).split('\n')
    const [line, column] = [before.length, before.at(-1)!.length + 1]
    return fail('decode/bad-grammar', `line ${line}, column ${column} of the grammar: ${what}`, { line, column })
  }
  const looksAt = (wanted: string) => source.startsWith(wanted, at)
  const take = (wanted: string) => {
    const found = looksAt(wanted)
    if (found) at += wanted.length
    return found
  }
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(source)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  const NAME = /[a-zA-Z0-9-]+/y
  return {
    error,
    looksAt,
    take,
    atEnd: () => at >= source.length,
    expect(wanted: string) {
      if (!take(wanted))
        throw error(`expected ${wanted}, found ${at < source.length ? JSON.stringify(source.slice(at, at + 12)) : 'the end'}`)
    },
    /** Blanks and comments; with `lines` line ends too. */
    skip: (lines: boolean) => void match(lines ? /(?:[ \t\r\n]|#[^\n]*)*/y : /(?:[ \t]|#[^\n]*)*/y),
    looksAtName() {
      NAME.lastIndex = at
      return NAME.test(source)
    },
    /** A name that begins the next rule instead of continuing this one. */
    looksAtRule() {
      const next = /[a-zA-Z0-9-]+[ \t]*::=/y
      next.lastIndex = at
      return next.test(source)
    },
    name() {
      const found = match(NAME)
      if (found === undefined) throw error('expected the name of a rule')
      return found
    },
    integer() {
      const digits = match(/\d{1,9}/y)
      return digits === undefined ? undefined : Number(digits)
    },
    /** One character of a literal or class, escapes resolved. */
    character(): number {
      const codePoint = source.codePointAt(at)
      if (codePoint === undefined) throw error('the grammar ends inside a text or class')
      at += codePoint > 0xffff ? 2 : 1
      if (codePoint !== 0x5c) return codePoint
      const letter = source[at++] ?? ''
      const digits = HEX_DIGITS[letter]
      if (digits !== undefined) {
        const hex = source.slice(at, at + digits)
        const value = new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(hex) ? Number.parseInt(hex, 16) : Number.NaN
        if (!(value <= MAX_CODE_POINT)) throw error(`\\${letter} needs ${digits} hexadecimal digits of a character`)
        at += digits
        return value
      }
      const plain = ESCAPES[letter]
      if (plain === undefined) throw error(`unknown escape \\${letter}`)
      return plain.charCodeAt(0)
    },
  }
}
