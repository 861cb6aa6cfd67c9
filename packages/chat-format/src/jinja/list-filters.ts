// Filters on lists and dicts. Generators do not exist here: what Jinja yields lazily is a list at once, paid for item by item.
import type { Budget } from './budget.ts'
import { binary, compare } from './operators.ts'
import { bind, textArgument } from './parameters.ts'
import { problem } from './problem.ts'
import { joinPaid } from './string-methods.ts'
import { runTest } from './tests.ts'
import { mapText, templateText } from './text.ts'
import type { Filter } from './text-filters.ts'
import { TEXT_FILTERS } from './text-filters.ts'
import {
  type Arguments,
  equals,
  isDict,
  isList,
  isText,
  isUndefined,
  itemsOf,
  keyText,
  list,
  orUndefined,
  toText,
  truthy,
  typeName,
  undefinedValue,
  type Value,
} from './values.ts'

/** @throws TemplateProblem for a filter Jinja (or this package) does not have */
export function runFilter(name: string, value: Value, given: Arguments, budget: Budget): Value {
  const filter = TEXT_FILTERS.get(name) ?? LIST_FILTERS.get(name)
  if (filter === undefined) throw problem(`No filter named '${name}'.`)
  return filter(value, given, budget)
}

/** `a.b.0` as `map`, `sort`, `selectattr` and `groupby` take it; integers index lists. */
function attributeOf(item: Value, path: Value): Value {
  if (typeof path === 'number') return orUndefined(isList(item) ? item.items.at(path) : undefined, String(path))
  if (!isText(path)) throw problem('an attribute must be a string or an integer')
  let value = item
  for (const part of path.value.split('.')) {
    const position = /^\d+$/.test(part) ? Number(part) : undefined
    if (isUndefined(value)) throw problem(`'${value.name}' is undefined`)
    const inside = isDict(value) ? value.entries.get(part) : isList(value) && position !== undefined ? value.items[position] : undefined
    value = orUndefined(inside, part)
  }
  return value
}

const paidItems = (value: Value, budget: Budget): readonly Value[] => {
  const items = itemsOf(value, budget)
  budget.step(items.length)
  return items
}

const ordered = (items: readonly Value[], key: (item: Value) => Value, reverse: boolean, budget: Budget): Value[] => {
  const keyed = items.map((item) => ({ item, key: key(item) }))
  keyed.sort((left, right) => (reverse ? -1 : 1) * compare(left.key, right.key, '<', budget))
  return keyed.map(({ item }) => item)
}

const foldCase = (value: Value, budget: Budget): Value => {
  if (!isText(value)) return value
  budget.characters(value.value.length)
  return mapText(value, (part) => part.toLowerCase())
}

const sortKey = (caseSensitive: Value, attribute: Value | undefined, budget: Budget) => (item: Value) => {
  const fold = (key: Value) => (truthy(caseSensitive) ? key : foldCase(key, budget))
  if (attribute === undefined || attribute === null) return fold(item)
  // 'age,name' sorts by several attributes.
  if (!isText(attribute) || !attribute.value.includes(',')) return fold(attributeOf(item, attribute))
  return list(attribute.value.split(',').map((path) => fold(attributeOf(item, templateText(path)))))
}

const sort: Filter = (value, given, budget) => {
  const {
    reverse = false,
    case_sensitive: caseSensitive = false,
    attribute,
  } = bind('sort', given, 'reverse', 'case_sensitive', 'attribute')
  return list(ordered(paidItems(value, budget), sortKey(caseSensitive, attribute, budget), truthy(reverse), budget))
}

const extreme =
  (name: 'min' | 'max'): Filter =>
  (value, given, budget) => {
    const { case_sensitive: caseSensitive = false, attribute } = bind(name, given, 'case_sensitive', 'attribute')
    const sorted = ordered(paidItems(value, budget), sortKey(caseSensitive, attribute, budget), name === 'max', budget)
    return orUndefined(sorted[0], name)
  }

const unique: Filter = (value, given, budget) => {
  const { case_sensitive: caseSensitive = false, attribute } = bind('unique', given, 'case_sensitive', 'attribute')
  const key = sortKey(caseSensitive, attribute, budget)
  const seen: Value[] = []
  const kept = paidItems(value, budget).filter((item) => {
    const wanted = key(item)
    if (seen.some((other) => equals(wanted, other, budget))) return false
    seen.push(wanted)
    return true
  })
  return list(kept)
}

const dictsort: Filter = (value, given, budget) => {
  const {
    case_sensitive: caseSensitive = false,
    by = templateText('key'),
    reverse = false,
  } = bind('dictsort', given, 'case_sensitive', 'by', 'reverse')
  const position = textArgument('dictsort', by) === 'value' ? 1 : 0
  const key = sortKey(caseSensitive, position, budget)
  return list(ordered(pairsOf('dictsort', value, budget), key, truthy(reverse), budget))
}

function pairsOf(called: string, value: Value, budget: Budget): Value[] {
  if (isUndefined(value)) return []
  if (!isDict(value)) throw problem(`${called}() needs a mapping, not ${typeName(value)}`)
  budget.step(value.entries.size)
  return Array.from(value.entries, ([key, item]) => ({ kind: 'tuple', items: [keyText(value, key), item] }))
}

const join: Filter = (value, given, budget) => {
  const { d = templateText(''), attribute } = bind('join', given, 'd', 'attribute')
  const items = paidItems(value, budget)
  const parts = items.map((item) => toText(attribute === undefined || attribute === null ? item : attributeOf(item, attribute), budget))
  return joinPaid(parts, toText(d, budget), budget)
}

const map: Filter = (value, given, budget) => {
  const items = paidItems(value, budget)
  const attribute = given.keywords.get('attribute')
  if (attribute !== undefined) {
    const fallback = given.keywords.get('default')
    return list(
      items.map((item) => {
        const found = attributeOf(item, attribute)
        return isUndefined(found) && fallback !== undefined ? fallback : found
      }),
    )
  }
  const [name, ...rest] = given.positional
  const filter = textArgument('map', name)
  if (filter === undefined) throw problem('map requires a filter argument')
  return list(items.map((item) => runFilter(filter, item, { positional: rest, keywords: given.keywords }, budget)))
}

/** `select`, `reject`, `selectattr`, `rejectattr`. */
const selection =
  (keep: boolean, byAttribute: boolean): Filter =>
  (value, given, budget) => {
    const [attribute, ...afterAttribute] = byAttribute ? given.positional : [undefined, ...given.positional]
    if (byAttribute && attribute === undefined) throw problem('Missing parameter for attribute name')
    const [testName, argument] = afterAttribute
    const test = textArgument('select', testName)
    const kept = paidItems(value, budget).filter((item) => {
      const tested = attribute === undefined ? item : attributeOf(item, attribute)
      return (test === undefined ? truthy(tested) : runTest(test, tested, argument, budget)) === keep
    })
    return list(kept)
  }

const groupby: Filter = (value, given, budget) => {
  const {
    attribute,
    default: fallback,
    case_sensitive: caseSensitive = false,
  } = bind('groupby', given, 'attribute', 'default', 'case_sensitive')
  const keyOf = (item: Value): Value => {
    const found = attributeOf(item, attribute ?? null)
    return isUndefined(found) && fallback !== undefined ? fallback : found
  }
  const folded = (item: Value): Value => (truthy(caseSensitive) ? keyOf(item) : foldCase(keyOf(item), budget))
  const groups: { readonly folded: Value; readonly key: Value; readonly items: Value[] }[] = []
  for (const item of ordered(paidItems(value, budget), folded, false, budget)) {
    const last = groups.at(-1)
    if (last !== undefined && equals(last.folded, folded(item), budget)) last.items.push(item)
    else groups.push({ folded: folded(item), key: keyOf(item), items: [item] })
  }
  return list(groups.map((group): Value => ({ kind: 'tuple', items: [group.key, list(group.items)] })))
}

const batch: Filter = (value, given, budget) => {
  const { linecount, fill_with: fill } = bind('batch', given, 'linecount', 'fill_with')
  if (typeof linecount !== 'number' || linecount < 1) throw problem('batch() needs a positive integer')
  const items = paidItems(value, budget)
  const rows: Value[] = []
  for (let start = 0; start < items.length; start += linecount) {
    const row = items.slice(start, start + linecount)
    if (fill !== undefined && fill !== null) {
      budget.step(linecount - row.length)
      while (row.length < linecount) row.push(fill)
    }
    rows.push(list(row))
  }
  return list(rows)
}

const reverse: Filter = (value, _given, budget) => {
  const reversed = paidItems(value, budget).toReversed()
  return isText(value) ? joinPaid(reversed.filter(isText), templateText(''), budget) : list(reversed)
}

const LIST_FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['list', (value, _given, budget) => list(paidItems(value, budget))],
  ['first', (value, _given, budget) => orUndefined(itemsOf(value, budget)[0], 'first')],
  ['last', (value, _given, budget) => orUndefined(itemsOf(value, budget).at(-1), 'last')],
  ['reverse', reverse],
  ['sort', sort],
  ['min', extreme('min')],
  ['max', extreme('max')],
  ['unique', unique],
  ['dictsort', dictsort],
  ['items', (value, _given, budget) => list(pairsOf('items', value, budget))],
  ['join', join],
  ['map', map],
  ['select', selection(true, false)],
  ['reject', selection(false, false)],
  ['selectattr', selection(true, true)],
  ['rejectattr', selection(false, true)],
  ['groupby', groupby],
  ['batch', batch],
  [
    'sum',
    (value, given, budget) => {
      const { attribute, start = 0 } = bind('sum', given, 'attribute', 'start')
      const items = paidItems(value, budget)
      return items.reduce<Value>((sum, item) => binary('+', sum, attribute ? attributeOf(item, attribute) : item, budget), start)
    },
  ],
  [
    'attr',
    // Attributes, not keys: data from JSON has none, so only text methods and the like could be meant.
    (_value, given) => undefinedValue(textArgument('attr', bind('attr', given, 'name').name) ?? ''),
  ],
])
