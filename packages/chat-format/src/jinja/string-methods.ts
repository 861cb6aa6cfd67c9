// The methods of Python's `str` that templates call, on text that remembers its origin.
// Filters that share a method's work call it from here (`filters.ts`).
import type { Budget } from './budget.ts'
import { bind, integerArgument, textArgument } from './parameters.ts'
import { problem } from './problem.ts'
import { capitalized, codePointLength, hasPairs, SPACE_RUN, stripBounds, titleCase } from './python.ts'
import { joinTexts, mapText, sliceText, splitText, type Text, textBuilder, textLike } from './text.ts'
import { type Arguments, type Callable, callable, charactersOf, isList, isText, itemsOf, list, typeName, type Value } from './values.ts'

type Method = (text: Text, given: Arguments, budget: Budget) => Value

/** Calls a method of `text`, having paid for reading the text and its string arguments. @returns undefined when `str` has no such method */
export function stringMethod(text: Text, name: string, budget: Budget): Callable | undefined {
  const method = STRING_METHODS.get(name)
  if (method === undefined) return undefined
  return callable(name, (given) => {
    budget.characters(text.value.length)
    for (const argument of given.positional) if (isText(argument)) budget.characters(argument.value.length)
    return method(text, given, budget)
  })
}

export function strip(text: Text, characters: string | undefined, side: 'both' | 'left' | 'right'): Text {
  const [start, end] = stripBounds(text.value, characters, side)
  return sliceText(text, start, end)
}

/** `str.replace`; an empty `from` is found between all characters, as in Python. */
export function replaceText(text: Text, from: Text, to: Text, count: number | undefined, budget: Budget): Text {
  const limit = count === undefined || count < 0 ? Number.POSITIVE_INFINITY : count
  const parts = from.value === '' ? splitBetweenCharacters(text, limit, budget) : splitText(text, from.value, limit, () => budget.step())
  budget.characters(text.value.length + (parts.length - 1) * to.value.length)
  return joinTexts(parts, to)
}

function splitBetweenCharacters(text: Text, limit: number, budget: Budget): Text[] {
  const characters = charactersOf(text, budget)
  const count = Math.min(limit, characters.length + 1)
  const parts = count > 0 ? [sliceText(text, 0, 0), ...characters.slice(0, count - 1)] : []
  const used = parts.reduce((sum, part) => sum + part.value.length, 0)
  parts.push(sliceText(text, used, text.value.length))
  return parts
}

/** `str.split()` and `str.rsplit()` without a separator: runs of white space separate, none at the ends counts. */
function splitAtSpace(text: Text, limit: number, fromRight: boolean, budget: Budget): Text[] {
  const [first, last] = stripBounds(text.value, undefined, 'both')
  if (first === last) return []
  const gaps: (readonly [start: number, end: number])[] = []
  for (const match of text.value.matchAll(SPACE_RUN)) {
    budget.step()
    if (match.index > first && match.index + match[0].length < last) gaps.push([match.index, match.index + match[0].length])
  }
  const used = fromRight ? gaps.slice(Math.max(0, gaps.length - limit)) : gaps.slice(0, limit)
  // With a limit, the piece that was not split further keeps its outer blanks on the far side.
  const parts: Text[] = []
  let start = fromRight && used.length < gaps.length ? 0 : first
  for (const [gapStart, gapEnd] of used) {
    parts.push(sliceText(text, start, gapStart))
    start = gapEnd
  }
  parts.push(sliceText(text, start, !fromRight && used.length < gaps.length ? text.value.length : last))
  return parts
}

function splitMethod(name: 'split' | 'rsplit'): Method {
  return (text, given, budget) => {
    const { sep, maxsplit } = bind(name, given, 'sep', 'maxsplit')
    const count = integerArgument(name, maxsplit) ?? -1
    const limit = count < 0 ? Number.POSITIVE_INFINITY : count
    const separator = textArgument(name, sep)
    if (separator === '') throw problem('empty separator')
    if (separator === undefined) return list(splitAtSpace(text, limit, name === 'rsplit', budget))
    const parts = splitText(text, separator, name === 'split' ? limit : Number.POSITIVE_INFINITY, () => budget.step())
    return list(parts.length - 1 > limit ? mergeLeft(text, parts, separator, limit) : parts)
  }
}

/** Keeps the last `limit` splits of a string that was split everywhere. */
function mergeLeft(text: Text, parts: readonly Text[], separator: string, limit: number): Text[] {
  const kept = parts.slice(parts.length - limit)
  const keptLength = kept.reduce((sum, part) => sum + part.value.length + separator.length, 0)
  return [sliceText(text, 0, text.value.length - keptLength), ...kept]
}

function affixTest(name: 'startswith' | 'endswith'): Method {
  return (text, given) => {
    const { affix } = bind(name, given, 'affix')
    const affixes = isList(affix) ? affix.items : affix === undefined ? [] : [affix]
    return affixes.some((item) => {
      if (!isText(item)) throw problem(`${name} first arg must be str or a tuple of str, not ${typeName(item)}`)
      return name === 'startswith' ? text.value.startsWith(item.value) : text.value.endsWith(item.value)
    })
  }
}

function stripMethod(name: string, side: 'both' | 'left' | 'right'): Method {
  return (text, given) => strip(text, textArgument(name, bind(name, given, 'chars').chars), side)
}

function findMethod(name: 'find' | 'rfind' | 'index'): Method {
  return (text, given) => {
    const wanted = textArgument(name, bind(name, given, 'sub').sub)
    if (wanted === undefined) throw problem(`${name}() needs a string argument`)
    const at = name === 'rfind' ? text.value.lastIndexOf(wanted) : text.value.indexOf(wanted)
    if (at < 0 && name === 'index') throw problem('substring not found')
    return at < 0 ? -1 : codePointLength(text.value.slice(0, at))
  }
}

/** True when there is a character and all of them match. */
function everyCharacter(name: string, pattern: RegExp): Method {
  return (text, given) => {
    bind(name, given)
    return text.value !== '' && pattern.test(text.value)
  }
}

function lineMethod(text: Text, given: Arguments, budget: Budget): Value {
  const { keepends } = bind('splitlines', given, 'keepends')
  const lines: Text[] = []
  let start = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Python's line boundaries.
  for (const match of text.value.matchAll(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g)) {
    const end = match.index + match[0].length
    budget.step()
    lines.push(sliceText(text, start, keepends === true ? end : match.index))
    start = end
  }
  if (start < text.value.length) lines.push(sliceText(text, start, text.value.length))
  return list(lines)
}

const changed = (name: string, change: (part: string) => string): Method => {
  return (text, given) => {
    bind(name, given)
    return mapText(text, change)
  }
}

/** By name. `title` and `capitalize` look across origins, so their result has one origin. */
const STRING_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['strip', stripMethod('strip', 'both')],
  ['lstrip', stripMethod('lstrip', 'left')],
  ['rstrip', stripMethod('rstrip', 'right')],
  ['split', splitMethod('split')],
  ['rsplit', splitMethod('rsplit')],
  ['splitlines', lineMethod],
  ['startswith', affixTest('startswith')],
  ['endswith', affixTest('endswith')],
  ['upper', changed('upper', (part) => part.toUpperCase())],
  ['lower', changed('lower', (part) => part.toLowerCase())],
  ['title', (text) => textLike(titleCase(text.value), text)],
  ['capitalize', (text) => textLike(capitalized(text.value), text)],
  ['find', findMethod('find')],
  ['rfind', findMethod('rfind')],
  ['index', findMethod('index')],
  ['isdigit', everyCharacter('isdigit', /^\p{Nd}+$/u)],
  ['isnumeric', everyCharacter('isnumeric', /^\p{N}+$/u)],
  ['isalpha', everyCharacter('isalpha', /^\p{L}+$/u)],
  ['isalnum', everyCharacter('isalnum', /^[\p{L}\p{N}]+$/u)],
  ['isspace', (text) => text.value !== '' && stripBounds(text.value, undefined, 'both')[0] === text.value.length],
  [
    'count',
    (text, given, budget) => {
      const wanted = textArgument('count', bind('count', given, 'sub').sub)
      if (wanted === undefined) throw problem('count() needs a string argument')
      if (wanted === '') return codePointLength(text.value) + 1
      return splitText(text, wanted, Number.POSITIVE_INFINITY, () => budget.step()).length - 1
    },
  ],
  [
    'replace',
    (text, given, budget) => {
      const { old, new: replacement, count } = bind('replace', given, 'old', 'new', 'count')
      if (!isText(old) || !isText(replacement)) throw problem('replace() needs two strings')
      return replaceText(text, old, replacement, integerArgument('replace', count), budget)
    },
  ],
  [
    'join',
    (text, given, budget) => {
      const parts = itemsOf(bind('join', given, 'iterable').iterable ?? null, budget).map((item, index) => {
        if (!isText(item)) throw problem(`sequence item ${index}: expected str instance, ${typeName(item)} found`)
        return item
      })
      return joinPaid(parts, text, budget)
    },
  ],
  [
    'removeprefix',
    (text, given) => {
      const prefix = textArgument('removeprefix', bind('removeprefix', given, 'prefix').prefix) ?? ''
      return text.value.startsWith(prefix) ? sliceText(text, prefix.length, text.value.length) : text
    },
  ],
  [
    'removesuffix',
    (text, given) => {
      const suffix = textArgument('removesuffix', bind('removesuffix', given, 'suffix').suffix) ?? ''
      return suffix !== '' && text.value.endsWith(suffix) ? sliceText(text, 0, text.value.length - suffix.length) : text
    },
  ],
])

/** Joins after paying for the result. */
export function joinPaid(parts: readonly Text[], separator: Text, budget: Budget): Text {
  let length = separator.value.length * Math.max(0, parts.length - 1)
  for (const part of parts) length += part.value.length
  budget.step(parts.length)
  budget.characters(length)
  return joinTexts(parts, separator)
}

/** `text[index]` in code points; undefined outside. */
export function characterAt(text: Text, index: number, budget: Budget): Text | undefined {
  if (hasPairs(text.value)) return charactersOf(text, budget).at(index)
  const at = index < 0 ? text.value.length + index : index
  return at >= 0 && at < text.value.length ? sliceText(text, at, at + 1) : undefined
}

/** The characters (code points) at these positions, in this order. */
export function pickCharacters(text: Text, positions: readonly number[], budget: Budget): Text {
  const first = positions[0]
  if (first === undefined) return sliceText(text, 0, 0)
  const contiguous = positions.at(-1) === first + positions.length - 1 && (positions.length < 2 || positions[1] === first + 1)
  if (contiguous && !hasPairs(text.value)) return sliceText(text, first, first + positions.length)
  const characters = charactersOf(text, budget)
  const builder = textBuilder()
  for (const position of positions) builder.append(characters[position]!)
  return builder.build()
}
