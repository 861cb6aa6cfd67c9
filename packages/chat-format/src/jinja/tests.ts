// Jinja's tests: what may follow `is`, and what `select` and `selectattr` are given by name.
import type { Budget } from './budget.ts'
import { binary } from './operators.ts'
import { problem } from './problem.ts'
import { floorModulo } from './python.ts'
import { equals, isDict, isList, isText, isUndefined, kindOf, numberOf, toText, type Value } from './values.ts'

type Test = (value: Value, argument: Value | undefined, budget: Budget) => boolean

const integer = (value: Value, test: string): number => {
  const number = numberOf(value)
  if (number === undefined) throw problem(`'${test}' needs a number`)
  return number
}

const relation =
  (operator: string): Test =>
  (value, argument, budget) =>
    binary(operator, value, argument ?? null, budget) === true

const equal: Test = (value, argument, budget) => equals(value, argument ?? null, budget)
const iterable: Test = (value) => isUndefined(value) || isText(value) || isList(value) || isDict(value)

/** `str.islower` and `str.isupper`: at least one cased character, and none of the other case. */
const hasCase =
  (has: RegExp, hasNot: RegExp): Test =>
  (value, _argument, budget) => {
    const { value: text } = toText(value, budget)
    budget.characters(text.length)
    return has.test(text) && !hasNot.test(text)
  }

const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['defined', (value) => !isUndefined(value)],
  ['undefined', (value) => isUndefined(value)],
  ['none', (value) => value === null],
  ['true', (value) => value === true],
  ['false', (value) => value === false],
  ['boolean', (value) => typeof value === 'boolean'],
  ['string', (value) => isText(value)],
  // Python's bool is a number, but Jinja's `integer` leaves it out.
  ['number', (value) => numberOf(value) !== undefined],
  ['integer', (value) => typeof value === 'number'],
  ['float', (value) => kindOf(value) === 'float'],
  ['mapping', (value) => isDict(value)],
  ['iterable', iterable],
  ['sequence', iterable],
  ['callable', (value) => kindOf(value) === 'callable'],
  ['odd', (value) => floorModulo(integer(value, 'odd'), 2) === 1],
  ['even', (value) => floorModulo(integer(value, 'even'), 2) === 0],
  [
    'divisibleby',
    (value, argument) => {
      const divisor = integer(argument ?? null, 'divisibleby')
      if (divisor === 0) throw problem('division by zero')
      return floorModulo(integer(value, 'divisibleby'), divisor) === 0
    },
  ],
  ['lower', hasCase(/\p{Ll}/u, /[\p{Lu}\p{Lt}]/u)],
  ['upper', hasCase(/\p{Lu}/u, /[\p{Ll}\p{Lt}]/u)],
  ['in', (value, argument, budget) => binary('in', value, argument ?? null, budget) === true],
  ['sameas', (value, argument) => value === argument],
  ['eq', equal],
  ['equalto', equal],
  ['==', equal],
  ['ne', (value, argument, budget) => !equals(value, argument ?? null, budget)],
  ['!=', (value, argument, budget) => !equals(value, argument ?? null, budget)],
  ['lt', relation('<')],
  ['lessthan', relation('<')],
  ['<', relation('<')],
  ['le', relation('<=')],
  ['<=', relation('<=')],
  ['gt', relation('>')],
  ['greaterthan', relation('>')],
  ['>', relation('>')],
  ['ge', relation('>=')],
  ['>=', relation('>=')],
])

/** @throws TemplateProblem for a test Jinja does not have */
export function runTest(name: string, value: Value, argument: Value | undefined, budget: Budget): boolean {
  const test = TESTS.get(name)
  if (test === undefined) throw problem(`No test named '${name}'.`)
  return test(value, argument, budget)
}
