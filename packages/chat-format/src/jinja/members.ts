// `value.name` and `value[key]`: attributes first for a dot, items first for brackets, as Jinja's getattr and getitem do.
import type { Budget } from './budget.ts'
import { bind } from './parameters.ts'
import { problem } from './problem.ts'
import { characterAt, stringMethod } from './string-methods.ts'
import {
  type Callable,
  callable,
  type Dict,
  equals,
  isDict,
  isList,
  isText,
  isUndefined,
  keyText,
  type List,
  list,
  orUndefined,
  undefinedValue,
  type Value,
} from './values.ts'

/** `object.name`. A missing attribute is undefined; an attribute of undefined is an error. */
export function attribute(object: Value, name: string, budget: Budget): Value {
  if (object === null || typeof object !== 'object') return undefinedValue(name)
  switch (object.kind) {
    case 'undefined':
      throw problem(`'${object.name}' is undefined`)
    case 'text':
      return stringMethod(object, name, budget) ?? undefinedValue(name)
    case 'dict':
      return dictMethod(object, name, budget) ?? orUndefined(object.entries.get(name), name)
    case 'list':
    case 'tuple':
      return listMethod(object, name, budget) ?? undefinedValue(name)
    case 'namespace':
      return orUndefined(object.entries.get(name), name)
    case 'attributes':
      return orUndefined(object.get(name), name)
    case 'callable':
    case 'float':
      return undefinedValue(name)
    default:
      return object satisfies never
  }
}

/** `object[key]`. */
export function item(object: Value, key: Value, budget: Budget): Value {
  if (isUndefined(object)) throw problem(`'${object.name}' is undefined`)
  if (isText(key)) {
    const found = isDict(object) ? object.entries.get(key.value) : undefined
    return found === undefined ? attribute(object, key.value, budget) : found
  }
  const index = typeof key === 'boolean' ? Number(key) : key
  if (typeof index !== 'number') return undefinedValue('item')
  if (isList(object)) return orUndefined(object.items.at(index), String(index))
  if (isText(object)) {
    budget.characters(object.value.length >>> 6)
    return characterAt(object, index, budget) ?? undefinedValue(String(index))
  }
  return undefinedValue(String(index))
}

/** transformers renders in Jinja's immutable sandbox: methods that change a list or a dict exist and may not be called. */
function refused(name: string): Callable {
  return callable(name, () => {
    throw problem(`access to '${name}' is refused: a template may not change lists or dicts; use a namespace`)
  })
}

const CHANGING_DICT_METHODS: ReadonlySet<string> = new Set(['clear', 'pop', 'popitem', 'setdefault', 'update'])
const CHANGING_LIST_METHODS: ReadonlySet<string> = new Set(['append', 'clear', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort'])

function dictMethod(dict: Dict, name: string, budget: Budget): Callable | undefined {
  if (CHANGING_DICT_METHODS.has(name)) return refused(name)
  const over = (values: () => Value[]) =>
    callable(name, (given) => {
      bind(name, given)
      budget.step(dict.entries.size)
      return list(values())
    })
  switch (name) {
    case 'keys':
      return over(() => Array.from(dict.entries.keys(), (key) => keyText(dict, key)))
    case 'values':
      return over(() => Array.from(dict.entries.values()))
    case 'items':
      return over(() => Array.from(dict.entries, ([key, value]) => ({ kind: 'tuple', items: [keyText(dict, key), value] })))
    case 'copy':
      return callable(name, () => dict)
    case 'get':
      return callable(name, (given) => {
        const { key, default: fallback = null } = bind('get', given, 'key', 'default')
        const found = isText(key) ? dict.entries.get(key.value) : undefined
        return found === undefined ? fallback : found
      })
    default:
      return undefined
  }
}

function listMethod(sequence: List, name: string, budget: Budget): Callable | undefined {
  if (sequence.kind === 'list' && CHANGING_LIST_METHODS.has(name)) return refused(name)
  switch (name) {
    case 'copy':
      return callable(name, () => sequence)
    case 'count':
      return callable(name, (given) => {
        const { value = null } = bind('count', given, 'value')
        return sequence.items.filter((other) => equals(value, other, budget)).length
      })
    case 'index':
      return callable(name, (given) => {
        const { value = null } = bind('index', given, 'value')
        const at = sequence.items.findIndex((other) => equals(value, other, budget))
        if (at < 0) throw problem('the value is not in the list')
        return at
      })
    default:
      return undefined
  }
}
