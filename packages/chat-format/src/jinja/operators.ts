// Jinja's operators with Python's meaning: arithmetic, comparison, membership, concatenation.
// `and` and `or` are not here: they decide what is evaluated at all.
import type { Budget } from './budget.ts'
import { problem } from './problem.ts'
import { floorModulo, hasPairs } from './python.ts'
import { concatTexts, type Text, templateText, textBuilder } from './text.ts'
import { equals, isDict, isList, isText, isUndefined, type List, list, numberOf, toText, truthy, typeName, type Value } from './values.ts'

/** @throws TemplateProblem when the operator does not fit the types */
export function binary(operator: string, left: Value, right: Value, budget: Budget): Value {
  switch (operator) {
    case '==':
      return equals(left, right, budget)
    case '!=':
      return !equals(left, right, budget)
    case '~':
      return concat(toText(left, budget), toText(right, budget), budget)
    case 'in':
      return contains(right, left, budget)
    case 'not in':
      return !contains(right, left, budget)
  }
  for (const side of [left, right]) if (isUndefined(side)) throw problem(`'${side.name}' is undefined`)
  switch (operator) {
    case '<':
      return compare(left, right, operator, budget) < 0
    case '<=':
      return compare(left, right, operator, budget) <= 0
    case '>':
      return compare(left, right, operator, budget) > 0
    case '>=':
      return compare(left, right, operator, budget) >= 0
  }
  const leftNumber = numberOf(left)
  const rightNumber = numberOf(right)
  if (leftNumber !== undefined && rightNumber !== undefined) {
    return arithmetic(operator, leftNumber, rightNumber, isFloat(left) || isFloat(right))
  }
  if (operator === '+') {
    if (isText(left) && isText(right)) return concat(left, right, budget)
    if (isList(left) && isList(right) && left.kind === right.kind) {
      budget.step(left.items.length + right.items.length)
      return { kind: left.kind, items: [...left.items, ...right.items] }
    }
  }
  if (operator === '*') {
    if (typeof right === 'number' && (isText(left) || isList(left))) return repeat(left, right, budget)
    if (typeof left === 'number' && (isText(right) || isList(right))) return repeat(right, left, budget)
  }
  throw problem(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`)
}

/** `not`, `-` and `+`. */
export function unary(operator: string, value: Value): Value {
  if (operator === 'not') return !truthy(value)
  const number = numberOf(value)
  if (number === undefined || (operator !== '-' && operator !== '+'))
    throw problem(`bad operand type for unary ${operator}: '${typeName(value)}'`)
  return numeric(operator === '-' ? -number : number, isFloat(value))
}

function isFloat(value: Value): boolean {
  return typeof value === 'object' && value !== null && value.kind === 'float'
}

function numeric(value: number, float: boolean): Value {
  if (float) return { kind: 'float', value }
  if (!Number.isSafeInteger(value)) throw problem('a number is too large')
  return value === 0 ? 0 : value
}

function arithmetic(operator: string, left: number, right: number, float: boolean): Value {
  switch (operator) {
    case '+':
      return numeric(left + right, float)
    case '-':
      return numeric(left - right, float)
    case '*':
      return numeric(left * right, float)
    case '**':
      if (left === 0 && right < 0) throw problem('0.0 cannot be raised to a negative power')
      return numeric(left ** right, float || right < 0)
  }
  if (right === 0) throw problem('division by zero')
  switch (operator) {
    case '/':
      return numeric(left / right, true)
    case '//':
      return numeric(Math.floor(left / right), float)
    case '%':
      return numeric(floorModulo(left, right), float)
  }
  throw problem(`unknown operator ${operator}`)
}

function concat(left: Text, right: Text, budget: Budget): Text {
  budget.characters(left.value.length + right.value.length)
  budget.step((left.outside.length + right.outside.length) >>> 4)
  return concatTexts(left, right)
}

function repeat(value: Text | List, count: number, budget: Budget): Value {
  const times = Math.max(0, count)
  if (value.kind === 'text') {
    budget.characters(value.value.length * times)
    if (value.outside.length === 0 || value.value === '') return templateText(value.value === '' ? '' : value.value.repeat(times))
    budget.step(times)
    const builder = textBuilder()
    for (let i = 0; i < times; i++) builder.append(value)
    return builder.build()
  }
  budget.step(value.items.length * times)
  const items: Value[] = []
  for (let i = 0; i < times && value.items.length > 0; i++) for (const item of value.items) items.push(item)
  return value.kind === 'list' ? list(items) : { kind: 'tuple', items }
}

/** Order of two values: negative, zero or positive. @throws TemplateProblem for types Python can not order */
export function compare(left: Value, right: Value, operator: string, budget: Budget): number {
  budget.step()
  const leftNumber = numberOf(left)
  const rightNumber = numberOf(right)
  if (leftNumber !== undefined && rightNumber !== undefined) return leftNumber - rightNumber
  if (isText(left) && isText(right)) {
    budget.characters(Math.min(left.value.length, right.value.length))
    return compareStrings(left.value, right.value)
  }
  if (isList(left) && isList(right) && left.kind === right.kind) {
    for (const [index, item] of left.items.entries()) {
      const other = right.items[index]
      if (other === undefined) return 1
      if (!equals(item, other, budget)) return compare(item, other, operator, budget)
    }
    return left.items.length - right.items.length
  }
  throw problem(`'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`)
}

/** By code point, as Python orders; UTF-16 order differs once pairs meet characters from U+E000. */
export function compareStrings(left: string, right: string): number {
  if (!hasPairs(left) && !hasPairs(right)) return left < right ? -1 : left > right ? 1 : 0
  const rightPoints = Array.from(right)
  let index = 0
  for (const character of left) {
    const other = rightPoints[index++]
    if (other === undefined) return 1
    if (character !== other) return character.codePointAt(0)! - other.codePointAt(0)!
  }
  return index - rightPoints.length
}

/** `item in container`. */
function contains(container: Value, item: Value, budget: Budget): boolean {
  if (isText(container)) {
    if (!isText(item)) throw problem(`'in <string>' requires string as left operand, not ${typeName(item)}`)
    budget.characters(container.value.length + item.value.length)
    return container.value.includes(item.value)
  }
  if (isDict(container)) return isText(item) && container.entries.has(item.value)
  if (isUndefined(container)) return false
  if (!isList(container)) throw problem(`argument of type '${typeName(container)}' is not iterable`)
  return container.items.some((other) => equals(item, other, budget))
}
