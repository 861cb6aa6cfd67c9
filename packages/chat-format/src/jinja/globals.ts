// The functions every template may call: Jinja's own, and the two transformers adds (raise_exception, strftime_now).
import type { Budget } from './budget.ts'
import { bind, integerArgument, textArgument } from './parameters.ts'
import { problem, TemplateProblem } from './problem.ts'
import { strftime } from './strftime.ts'
import { templateText } from './text.ts'
import { callable, isDict, isList, isText, itemsOf, list, toText, typeName, type Value } from './values.ts'

/** @param now what `strftime_now` tells, in local time */
export function globals(budget: Budget, now: Date): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ['true', true],
    ['True', true],
    ['false', false],
    ['False', false],
    ['none', null],
    ['None', null],
    ['range', callable('range', (given) => rangeList(given.positional, budget))],
    [
      'namespace',
      callable('namespace', (given) => ({
        kind: 'namespace',
        entries: dictEntries('namespace', given.positional, given.keywords, budget),
      })),
    ],
    [
      'dict',
      callable('dict', (given) => {
        const entries = dictEntries('dict', given.positional, given.keywords, budget)
        return { kind: 'dict', entries, outsideKeys: given.positional.some((value) => isDict(value) && value.outsideKeys) }
      }),
    ],
    [
      'raise_exception',
      callable('raise_exception', (given) => {
        const { message = null } = bind('raise_exception', given, 'message')
        throw new TemplateProblem('refused', toText(message, budget).value)
      }),
    ],
    [
      'strftime_now',
      callable('strftime_now', (given) => {
        const format = textArgument('strftime_now', bind('strftime_now', given, 'format').format) ?? ''
        // The longest directive writes 24 characters for 2.
        budget.characters(format.length * 12)
        return templateText(strftime(now, format))
      }),
    ],
  ])
}

/** `range(stop)` or `range(start, stop[, step])`: paid for before the list is made. */
function rangeList(given: readonly Value[], budget: Budget): Value {
  const numbers = given.map((value) => integerArgument('range', value))
  const [first, second, step = 1] = numbers
  if (first === undefined || numbers.length > 3) throw problem('range() needs one to three integers')
  if (step === 0) throw problem('range() arg 3 must not be zero')
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  const length = Math.max(0, Math.ceil((stop - start) / step))
  budget.step(length)
  return list(Array.from({ length }, (_, index) => start + index * step))
}

/** Arguments of `dict()` and `namespace()`: a mapping or pairs, then keywords. */
function dictEntries(
  called: string,
  positional: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  budget: Budget,
): Map<string, Value> {
  const [source] = positional
  if (positional.length > 1) throw problem(`${called} expected at most 1 argument, got ${positional.length}`)
  const entries = new Map<string, Value>()
  if (isDict(source)) for (const [key, value] of source.entries) entries.set(key, value)
  else if (source !== undefined) {
    for (const pair of itemsOf(source, budget)) {
      const [key, value] = isList(pair) ? pair.items : []
      if (!isText(key) || value === undefined) throw problem(`${called}() needs pairs with a string key, not ${typeName(pair)}`)
      entries.set(key.value, value)
    }
  }
  for (const [key, value] of keywords) entries.set(key, value)
  budget.step(entries.size)
  return entries
}
