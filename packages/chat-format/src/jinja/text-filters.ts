// Filters whose result is text (or a number read from text). Filters on lists are in `list-filters.ts`.
import type { Budget } from './budget.ts'
import { jsonLayout, toJson } from './json.ts'
import { bind, integerArgument, textArgument } from './parameters.ts'
import { problem } from './problem.ts'
import { capitalized } from './python.ts'
import { replaceText, strip } from './string-methods.ts'
import { joinTexts, mapText, splitText, type Text, templateText, textLike } from './text.ts'
import { type Arguments, isList, isText, isUndefined, lengthOf, numberOf, toText, truthy, typeName, type Value } from './values.ts'

export type Filter = (value: Value, given: Arguments, budget: Budget) => Value

const onText =
  (name: string, change: (text: Text) => Text): Filter =>
  (value, given, budget) => {
    bind(name, given)
    const text = toText(value, budget)
    budget.characters(text.value.length)
    return change(text)
  }

const defaultFilter: Filter = (value, given) => {
  const { default_value: fallback = templateText(''), boolean = false } = bind('default', given, 'default_value', 'boolean')
  return isUndefined(value) || (truthy(boolean) && !truthy(value)) ? fallback : value
}

const trim: Filter = (value, given, budget) => {
  const text = toText(value, budget)
  budget.characters(text.value.length)
  return strip(text, textArgument('trim', bind('trim', given, 'chars').chars), 'both')
}

const replace: Filter = (value, given, budget) => {
  const { old, new: replacement, count } = bind('replace', given, 'old', 'new', 'count')
  const text = toText(value, budget)
  budget.characters(text.value.length)
  return replaceText(text, toText(old ?? null, budget), toText(replacement ?? null, budget), integerArgument('replace', count), budget)
}

/** The first line and blank lines are left alone unless asked for. */
const indent: Filter = (value, given, budget) => {
  const { width = 4, first = false, blank = false } = bind('indent', given, 'width', 'first', 'blank')
  const text = toText(value, budget)
  const padding = isText(width) ? width : templateText(' '.repeat(spaces(integerArgument('indent', width) ?? 4, budget)))
  const lines = splitText(text, '\n', Number.POSITIVE_INFINITY, () => budget.characters(padding.value.length + 1))
  budget.characters(text.value.length + padding.value.length)
  const padded = lines.map((line, index) => {
    const wanted = index === 0 ? truthy(first) : truthy(blank) || line.value !== ''
    return wanted ? joinTexts([padding, line], templateText('')) : line
  })
  return joinTexts(padded, templateText('\n'))
}

function spaces(count: number, budget: Budget): number {
  budget.characters(Math.max(0, count))
  return Math.max(0, count)
}

const tojson: Filter = (value, given, budget) => {
  const bound = bind('tojson', given, 'ensure_ascii', 'indent', 'separators', 'sort_keys')
  const { separators } = bound
  const layout = jsonLayout({
    ensureAscii: truthy(bound.ensure_ascii ?? false),
    indent: isText(bound.indent)
      ? bound.indent.value
      : bound.indent === undefined || bound.indent === null
        ? undefined
        : ' '.repeat(spaces(integerArgument('tojson', bound.indent) ?? 0, budget)),
    sortKeys: truthy(bound.sort_keys ?? false),
  })
  if (separators === undefined || separators === null) return toJson(value, layout, budget)
  const [item, key] = isList(separators) ? separators.items : []
  if (!isText(item) || !isText(key)) throw problem('tojson() separators must be two strings')
  return toJson(value, { ...layout, itemSeparator: item.value, keySeparator: key.value }, budget)
}

/** `int` and `float` give their default for text that is no number, as Jinja does. */
const numberFilter =
  (name: 'int' | 'float'): Filter =>
  (value, given, budget) => {
    const { default: fallback } = bind(name, given, 'default')
    if (isUndefined(value)) throw problem(`'${value.name}' is undefined`)
    if (isText(value)) budget.characters(value.value.length)
    const digits = isText(value) ? value.value.trim().replaceAll('_', '') : ''
    const number = isText(value) ? (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(digits) ? Number(digits) : undefined) : numberOf(value)
    if (name === 'float') return number === undefined ? (fallback ?? { kind: 'float', value: 0 }) : { kind: 'float', value: number }
    return number === undefined || !Number.isFinite(number) ? (fallback ?? 0) : Math.trunc(number)
  }

const round: Filter = (value, given) => {
  const { precision = 0, method = templateText('common') } = bind('round', given, 'precision', 'method')
  const number = numberOf(value)
  const digits = integerArgument('round', precision) ?? 0
  if (number === undefined) throw problem(`type ${typeName(value)} doesn't define __round__ method`)
  const scale = 10 ** digits
  const scaled = number * scale
  const kind = textArgument('round', method)
  const rounded = kind === 'ceil' ? Math.ceil(scaled) : kind === 'floor' ? Math.floor(scaled) : roundHalfEven(scaled)
  return { kind: 'float', value: rounded / scale }
}

/** Python rounds halves to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

const abs: Filter = (value) => {
  const number = numberOf(value)
  if (number === undefined) throw problem(`bad operand type for abs(): '${typeName(value)}'`)
  return typeof value === 'number' ? Math.abs(number) : { kind: 'float', value: Math.abs(number) }
}

const length: Filter = (value, _given, budget) => {
  if (isText(value)) budget.characters(value.value.length)
  return lengthOf(value)
}

const HTML: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }
const escapeHtml = onText('escape', (text) => mapText(text, (part) => part.replace(/[&<>"']/g, (character) => HTML[character]!)))

/** Unlike `str.title`, a word goes on after an apostrophe, an underscore or a full stop (`do_title` of Jinja). */
function titleFilter(value: string): string {
  return value
    .split(/([-\s({[<]+)/)
    .map(capitalized)
    .join('')
}

export const TEXT_FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['default', defaultFilter],
  ['d', defaultFilter],
  ['trim', trim],
  ['replace', replace],
  ['indent', indent],
  ['tojson', tojson],
  ['string', onText('string', (text) => text)],
  ['safe', (value) => value],
  ['escape', escapeHtml],
  ['e', escapeHtml],
  ['upper', onText('upper', (text) => mapText(text, (part) => part.toUpperCase()))],
  ['lower', onText('lower', (text) => mapText(text, (part) => part.toLowerCase()))],
  ['capitalize', onText('capitalize', (text) => textLike(capitalized(text.value), text))],
  ['title', onText('title', (text) => textLike(titleFilter(text.value), text))],
  ['wordcount', (value, _given, budget) => (toText(value, budget).value.match(/[\p{L}\p{N}_]+/gu) ?? []).length],
  ['length', length],
  ['count', length],
  ['int', numberFilter('int')],
  ['float', numberFilter('float')],
  ['round', round],
  ['abs', abs],
])
