// Reads regular expressions (the part of ECMAScript's that describes a regular language) as grammar nodes.
// Look-around, back references and word borders are refused: no automaton of this kind can follow them.
import { fail } from '../errors.ts'
import {
  type CharacterRanges,
  characters,
  either,
  type GrammarNode,
  joinedRanges,
  MAX_CODE_POINT,
  NOTHING,
  otherCharacters,
  repeat,
  sequence,
} from './grammar.ts'

const MAX_NESTING = 200
/** A count above it would make a network too large anyway. */
const MAX_COUNT = 100_000

const ANY_CHARACTERS = characters([0, MAX_CODE_POINT])
const ANYTHING = repeat(ANY_CHARACTERS, 0)

/** A pattern the whole text has to match; `^` and `$` at its ends change nothing. @throws FsError `decode/bad-grammar` */
export function patternMatch(source: string): GrammarNode {
  return either(...topAlternatives(source).map(({ node }) => node))
}

/**
 * A pattern that has to match somewhere in the text unless it is anchored: `pattern` of a JSON schema. @throws FsError
 * `decode/bad-grammar`
 */
export function patternSearch(source: string): GrammarNode {
  return either(
    ...topAlternatives(source).map(({ node, start, end }) => sequence(start ? NOTHING : ANYTHING, node, end ? NOTHING : ANYTHING)),
  )
}

type Alternative = { readonly node: GrammarNode; readonly start: boolean; readonly end: boolean }

function topAlternatives(source: string): Alternative[] {
  const reader = createReader(source)
  const found: Alternative[] = []
  do {
    const start = reader.take('^')
    const node = readSequence(reader, 0)
    found.push({ node, start, end: reader.take('$') })
  } while (reader.take('|'))
  if (!reader.atEnd())
    throw reader.error(reader.looksAt(')') ? 'a group is closed that was not opened' : 'anchors can stand at the ends only')
  return found
}

function readAlternatives(reader: Reader, depth: number): GrammarNode {
  if (depth > MAX_NESTING) throw reader.error(`groups are nested more than ${MAX_NESTING} deep`)
  const options = [readSequence(reader, depth)]
  while (reader.take('|')) options.push(readSequence(reader, depth))
  return either(...options)
}

function readSequence(reader: Reader, depth: number): GrammarNode {
  const parts: GrammarNode[] = []
  while (!reader.atEnd() && !reader.looksAt('|') && !reader.looksAt(')') && !reader.looksAt('$')) parts.push(readQuantified(reader, depth))
  return parts.length === 1 ? parts[0]! : sequence(...parts)
}

function readQuantified(reader: Reader, depth: number): GrammarNode {
  const atom = readAtom(reader, depth)
  const bounds = readQuantifier(reader)
  if (bounds === undefined) return atom
  // A lazy quantifier prefers less, but allows the same texts.
  reader.take('?')
  if (readQuantifier(reader) !== undefined) throw reader.error('two quantifiers in a row')
  return repeat(atom, bounds.min, bounds.max)
}

function readQuantifier(reader: Reader): { readonly min: number; readonly max: number | undefined } | undefined {
  if (reader.take('*')) return { min: 0, max: undefined }
  if (reader.take('+')) return { min: 1, max: undefined }
  if (reader.take('?')) return { min: 0, max: 1 }
  const counted = reader.match(/\{(\d{1,9})(,(\d{1,9})?)?\}/y)
  if (counted === undefined) return undefined
  const min = Number(counted[1])
  const max = counted[2] === undefined ? min : counted[3] === undefined ? undefined : Number(counted[3])
  if (min > MAX_COUNT || (max ?? 0) > MAX_COUNT || (max !== undefined && max < min))
    throw reader.error(`the repetition ${counted[0]} is not possible`)
  return { min, max }
}

function readAtom(reader: Reader, depth: number): GrammarNode {
  if (reader.take('(')) {
    if (reader.match(/\?(?:[=!]|<[=!])/y)) throw reader.error('look-ahead and look-behind can not be followed')
    if (!reader.match(/\?(?::|<[A-Za-z_$][\w$]*>)/y) && reader.looksAt('?')) throw reader.error('this kind of group is not read')
    const inside = readAlternatives(reader, depth + 1)
    if (!reader.take(')')) throw reader.error('a group is not closed')
    return inside
  }
  if (reader.take('[')) return characters(...readClass(reader))
  if (reader.take('.')) return characters(...otherCharacters(LINE_ENDS))
  if (reader.take('\\')) {
    const set = readClassEscape(reader)
    return characters(...(set ?? single(reader.escapedCharacter())))
  }
  if (reader.looksAt('^')) throw reader.error('anchors can stand at the ends only')
  if (reader.match(/[*+?]/y)) throw reader.error('nothing stands before a quantifier')
  return characters(...single(reader.character()))
}

const single = (codePoint: number): CharacterRanges => [[codePoint, codePoint]]

const LINE_ENDS: CharacterRanges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]
const DIGITS: CharacterRanges = [[0x30, 0x39]]
const WORD: CharacterRanges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
/** White space and line terminators of ECMAScript. */
const SPACE: CharacterRanges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]

const CLASSES: { readonly [letter: string]: CharacterRanges } = {
  d: DIGITS,
  w: WORD,
  s: SPACE,
  D: otherCharacters(DIGITS),
  W: otherCharacters(WORD),
  S: otherCharacters(SPACE),
}

/** `\d` and its like, after the backslash; undefined when it is an escape for one character. */
function readClassEscape(reader: Reader): CharacterRanges | undefined {
  const letter = reader.match(/[dwsDWS]/y)?.[0]
  if (letter !== undefined) return CLASSES[letter]
  if (reader.match(/[bB]/y)) throw reader.error('word borders can not be followed')
  if (reader.match(/[1-9k]/y)) throw reader.error('back references can not be followed')
  if (reader.match(/[pP]\{/y)) throw reader.error('Unicode properties are not read; write the ranges')
  return undefined
}

function readClass(reader: Reader): CharacterRanges {
  const negated = reader.take('^')
  const ranges: (readonly [number, number])[] = []
  while (!reader.take(']')) {
    const set = reader.match(/\\(?=[dwsDWS])/y) ? readClassEscape(reader) : undefined
    if (set !== undefined) {
      ranges.push(...set)
      continue
    }
    const low = classCharacter(reader)
    if (!reader.match(/-(?!\])/y)) ranges.push([low, low])
    else {
      if (reader.match(/\\[dwsDWS]/y)) throw reader.error('a range ends in a set')
      const high = classCharacter(reader)
      if (high < low) throw reader.error('a range runs backwards')
      ranges.push([low, high])
    }
  }
  return negated ? otherCharacters(ranges) : joinedRanges(ranges)
}

function classCharacter(reader: Reader): number {
  if (reader.match(/\\b/y)) return 0x08
  return reader.take('\\') ? reader.escapedCharacter() : reader.character()
}

type Reader = ReturnType<typeof createReader>

const CONTROL_ESCAPES: { readonly [letter: string]: number } = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b, 0: 0 }

function createReader(source: string) {
  let at = 0
  const error = (what: string) => fail('decode/bad-grammar', `pattern ${JSON.stringify(source)}, character ${at}: ${what}`, { offset: at })
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(source) ?? undefined
    if (found !== undefined) at += found[0].length
    return found
  }
  const character = (): number => {
    const codePoint = source.codePointAt(at)
    if (codePoint === undefined) throw error('the pattern ends too early')
    at += codePoint > 0xffff ? 2 : 1
    return codePoint
  }
  return {
    error,
    match,
    character,
    atEnd: () => at >= source.length,
    looksAt: (wanted: string) => source.startsWith(wanted, at),
    take(wanted: string) {
      const found = source.startsWith(wanted, at)
      if (found) at += wanted.length
      return found
    },
    /** What stands after a backslash, as one character. */
    escapedCharacter(): number {
      const hex = match(/x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}/y)
      if (hex !== undefined) {
        const value = Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16)
        if (value > MAX_CODE_POINT) throw error('there is no such character')
        return value
      }
      const letter = character()
      const control = CONTROL_ESCAPES[String.fromCodePoint(letter)]
      if (control !== undefined) return control
      if (/[a-zA-Z0-9]/.test(String.fromCodePoint(letter))) throw error(`the escape \\${String.fromCodePoint(letter)} is not read`)
      return letter
    },
  }
}
