// The values a template computes with, and what every value can do: be true or false, be compared, be written.
// Operators are in `operators.ts`; methods in `string-methods.ts` and `members.ts`.
import type { Budget } from './budget.ts'
import { problem } from './problem.ts'
import { codePointLength, floatText, integerText, quotedText } from './python.ts'
import { EMPTY_TEXT, outsideText, type Text, type TextBuilder, templateText, textBuilder, textLike } from './text.ts'

export type Undefined = { readonly kind: 'undefined'; readonly name: string }
export type Float = { readonly kind: 'float'; readonly value: number }
export type List = { readonly kind: 'list' | 'tuple'; readonly items: readonly Value[] }
/** `outsideKeys`: the keys came from outside the template, so their characters may not become control tokens. */
export type Dict = { readonly kind: 'dict'; readonly entries: ReadonlyMap<string, Value>; readonly outsideKeys: boolean }
export type Namespace = { readonly kind: 'namespace'; readonly entries: Map<string, Value> }
export type Arguments = { readonly positional: readonly Value[]; readonly keywords: ReadonlyMap<string, Value> }
export type Callable = { readonly kind: 'callable'; readonly name: string; call(given: Arguments): Value }
/** A thing with attributes only: the `loop` of a for statement. */
export type Attributes = { readonly kind: 'attributes'; readonly name: string; get(name: string): Value | undefined }

/** A JavaScript number is Python's int; floats are boxed, because 1.0 and 1 print differently. */
export type Value = null | boolean | number | Undefined | Float | Text | List | Dict | Namespace | Callable | Attributes

export function undefinedValue(name: string): Undefined {
  return { kind: 'undefined', name }
}

/** A looked-up value, or undefined under the name it was looked for; none is a value. */
export function orUndefined(value: Value | undefined, name: string): Value {
  return value === undefined ? undefinedValue(name) : value
}

export function list(items: readonly Value[]): List {
  return { kind: 'list', items }
}

export function callable(name: string, call: (given: Arguments) => Value): Callable {
  return { kind: 'callable', name, call }
}

/** The kind of any value, primitives included, for switches. */
export function kindOf(value: Value): 'none' | 'boolean' | 'integer' | Exclude<Value, null | boolean | number>['kind'] {
  if (value === null) return 'none'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') return 'integer'
  return value.kind
}

const TYPE_NAMES = {
  none: 'NoneType',
  boolean: 'bool',
  integer: 'int',
  float: 'float',
  undefined: 'Undefined',
  text: 'str',
  list: 'list',
  tuple: 'tuple',
  dict: 'dict',
  namespace: 'Namespace',
  callable: 'function',
  attributes: 'LoopContext',
} as const satisfies { readonly [Kind in ReturnType<typeof kindOf>]: string }

/** Python's name of the value's type, for messages. */
export function typeName(value: Value): string {
  return TYPE_NAMES[kindOf(value)]
}

export function isText(value: Value | undefined): value is Text {
  return typeof value === 'object' && value !== null && value.kind === 'text'
}

export function isList(value: Value | undefined): value is List {
  return typeof value === 'object' && value !== null && (value.kind === 'list' || value.kind === 'tuple')
}

export function isDict(value: Value | undefined): value is Dict {
  return typeof value === 'object' && value !== null && value.kind === 'dict'
}

export function isUndefined(value: Value | undefined): value is Undefined {
  return typeof value === 'object' && value !== null && value.kind === 'undefined'
}

/** The number behind int, bool and float; undefined for everything else. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'object' && value !== null && value.kind === 'float' ? value.value : undefined
}

export function truthy(value: Value): boolean {
  if (value === null) return false
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  switch (value.kind) {
    case 'undefined':
      return false
    case 'float':
      return value.value !== 0
    case 'text':
      return value.value !== ''
    case 'list':
    case 'tuple':
      return value.items.length > 0
    case 'dict':
      return value.entries.size > 0
    case 'namespace':
    case 'callable':
    case 'attributes':
      return true
    default:
      return value satisfies never
  }
}

/** Python's `==`. Pays per compared value: shared lists can make a comparison exponentially longer than what was built. */
export function equals(left: Value, right: Value, budget: Budget): boolean {
  budget.step()
  const leftNumber = numberOf(left)
  if (leftNumber !== undefined) return leftNumber === numberOf(right)
  if (isText(left)) return isText(right) && left.value === right.value
  if (isUndefined(left)) return isUndefined(right)
  if (isList(left)) {
    if (!isList(right) || left.kind !== right.kind || left.items.length !== right.items.length) return false
    return left.items.every((item, index) => equals(item, right.items[index]!, budget))
  }
  if (isDict(left)) {
    if (!isDict(right) || left.entries.size !== right.entries.size) return false
    for (const [key, value] of left.entries) {
      const other = right.entries.get(key)
      if (other === undefined || !equals(value, other, budget)) return false
    }
    return true
  }
  return left === right
}

/** `len(value)`. @throws TemplateProblem when the value has no length. */
export function lengthOf(value: Value): number {
  if (isUndefined(value)) return 0
  if (isText(value)) return codePointLength(value.value)
  if (isList(value)) return value.items.length
  if (isDict(value)) return value.entries.size
  throw problem(`object of type '${typeName(value)}' has no len()`)
}

/** A key of a dict as a value. */
export function keyText(dict: Dict, key: string): Text {
  return dict.outsideKeys ? outsideText(key) : templateText(key)
}

/** What a `for` walks over. @throws TemplateProblem when the value can not be walked. */
export function itemsOf(value: Value, budget: Budget): readonly Value[] {
  if (isUndefined(value)) return []
  if (isList(value)) return value.items
  if (isDict(value)) {
    budget.step(value.entries.size)
    return Array.from(value.entries.keys(), (key) => keyText(value, key))
  }
  if (isText(value)) return charactersOf(value, budget)
  throw problem(`'${typeName(value)}' object is not iterable`)
}

/** The text's code points, each with its origin. */
export function charactersOf(text: Text, budget: Budget): Text[] {
  budget.step(text.value.length)
  const characters: Text[] = []
  let range = 0
  let offset = 0
  for (const character of text.value) {
    while (range < text.outside.length && text.outside[range + 1]! <= offset) range += 2
    const outside = range < text.outside.length && text.outside[range]! <= offset
    characters.push(outside ? outsideText(character) : templateText(character))
    offset += character.length
  }
  return characters
}

/** `str(value)`: what `{{ value }}` writes. Every string inside keeps its origin. */
export function toText(value: Value, budget: Budget): Text {
  if (isText(value)) return value
  if (isUndefined(value)) return EMPTY_TEXT
  const builder = textBuilder()
  writeRepresentation(value, builder, budget)
  return builder.build()
}

/** `repr(value)`, appended. */
function writeRepresentation(value: Value, output: TextBuilder, budget: Budget): void {
  budget.step()
  const scalar = scalarRepresentation(value)
  if (scalar !== undefined) {
    budget.characters(scalar.value.length)
    output.append(scalar)
  } else if (isList(value)) {
    const single = value.kind === 'tuple' && value.items.length === 1
    output.append(templateText(value.kind === 'list' ? '[' : '('))
    for (const [index, item] of value.items.entries()) {
      if (index > 0) output.append(templateText(', '))
      writeRepresentation(item, output, budget)
    }
    output.append(templateText(value.kind === 'list' ? ']' : single ? ',)' : ')'))
  } else if (isDict(value)) {
    let separator = '{'
    for (const [key, item] of value.entries) {
      output.append(templateText(separator))
      separator = ', '
      writeRepresentation(keyText(value, key), output, budget)
      output.append(templateText(': '))
      writeRepresentation(item, output, budget)
    }
    output.append(templateText(value.entries.size === 0 ? '{}' : '}'))
  }
}

/** `repr` of a value that holds no others; undefined for lists and dicts. */
function scalarRepresentation(value: Value): Text | undefined {
  if (value === null) return templateText('None')
  if (typeof value === 'boolean') return templateText(value ? 'True' : 'False')
  if (typeof value === 'number') return templateText(integerText(value))
  switch (value.kind) {
    case 'undefined':
      return templateText('Undefined')
    case 'float':
      return templateText(floatText(value.value))
    case 'text':
      return textLike(quotedText(value.value), value)
    case 'namespace':
      return templateText('<Namespace>')
    case 'list':
    case 'tuple':
    case 'dict':
      return undefined
    case 'callable':
    case 'attributes':
      throw problem(`'${value.name}' is not text and can not be written; call it or name one of its attributes`)
    default:
      return value satisfies never
  }
}
