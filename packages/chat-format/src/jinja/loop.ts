// The `loop` variable of a for statement.
import type { Budget } from './budget.ts'
import { problem } from './problem.ts'
import { type Attributes, callable, equals, orUndefined, type Value } from './values.ts'

/** One run of a loop: gives the `loop` variable of each round. State lives as long as the run, for `loop.changed()`. */
export function loopRun(items: readonly Value[], budget: Budget): (index: number) => Attributes {
  let seen: readonly Value[] | undefined
  const changed = callable('changed', (given) => {
    const before = seen
    seen = given.positional
    return before === undefined || before.length !== seen.length || !before.every((value, i) => equals(value, given.positional[i]!, budget))
  })
  return (index) => ({
    kind: 'attributes',
    name: 'loop',
    get: (name) => (name === 'changed' ? changed : loopAttribute(items, index, name)),
  })
}

function loopAttribute(items: readonly Value[], index: number, name: string): Value | undefined {
  const { length } = items
  switch (name) {
    case 'index':
      return index + 1
    case 'index0':
      return index
    case 'revindex':
      return length - index
    case 'revindex0':
      return length - index - 1
    case 'first':
      return index === 0
    case 'last':
      return index === length - 1
    case 'length':
      return length
    case 'previtem':
      return orUndefined(items[index - 1], 'previtem')
    case 'nextitem':
      return orUndefined(items[index + 1], 'nextitem')
    case 'depth':
    case 'depth0':
      // Counts recursive loops, which the parser does not read: always the outermost.
      return name === 'depth' ? 1 : 0
    case 'cycle':
      return callable('cycle', (given) => {
        if (given.positional.length === 0) throw problem('no items for cycling given')
        return given.positional[index % given.positional.length]!
      })
    default:
      return undefined
  }
}
