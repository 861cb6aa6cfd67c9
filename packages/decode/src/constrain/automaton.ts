// Follows a grammar one byte at a time. The places a text can be at are a set of (state, stack of returns); sets are numbered, and
// steps between them remembered, so a text that comes through the same places again costs a table look-up per byte.
import { fail } from '../errors.ts'
import type { Network } from './network.ts'

/** Where to go on when a rule ends; shared between all stacks with the same rest. */
type Stack = { readonly target: number; readonly rest: Stack | undefined; readonly id: number }
type Place = { readonly state: number; readonly stack: Stack | undefined }

/** A set of places. Plain data apart from the memory of its steps. */
export type Position = {
  readonly places: readonly Place[]
  /** The text may end here. */
  readonly accepting: boolean
  /** Number of the position behind each byte: DEAD, or UNKNOWN when it was never asked for. */
  readonly steps: Int32Array
}

export const DEAD = -1
const UNKNOWN = -2

/**
 * Ways a text can be read at once. Grammars made by hand or from schemas have a handful; thousands mean an ambiguous grammar that would
 * only get slower.
 */
const MAX_PLACES = 2000
/** Positions remembered before all are forgotten; one takes about 1.2 kB. */
const MAX_POSITIONS = 20_000

export type Automaton = {
  readonly start: number
  position(index: number): Position
  /** The position after `byte`, or DEAD. */
  step(index: number, byte: number): number
  /** Forgets all positions if there are many. Numbers from before are void then: `epoch` has changed, and `numberOf` gives new ones. */
  tidy(): void
  readonly epoch: number
  numberOf(position: Position): number
}

export function createAutomaton(network: Network): Automaton {
  const { states, onlyEnds } = network
  let positions: Position[] = []
  let numbers = new Map<string, number>()
  let stacks = new Map<string, Stack>()
  let nextStack = 1
  let epoch = 0

  const push = (target: number, rest: Stack | undefined): Stack => {
    const key = `${target}:${rest?.id ?? 0}`
    const known = stacks.get(key)
    if (known !== undefined) return known
    const stack = { target, rest, id: nextStack++ }
    stacks.set(key, stack)
    return stack
  }

  /** Numbers the set of places that are reached from these without a byte. */
  const settle = (from: readonly Place[]): number => {
    const seen = new Set<string>()
    const open: Place[] = []
    const places: Place[] = []
    let accepting = false
    const visit = (state: number, stack: Stack | undefined) => {
      const key = `${state}:${stack?.id ?? 0}`
      if (seen.has(key)) return
      seen.add(key)
      open.push({ state, stack })
      if (seen.size > MAX_PLACES * 8) throw tooComplex()
    }
    for (const { state, stack } of from) visit(state, stack)
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      const { stack } = place
      const state = states[place.state]!
      if (state.bytes.length > 0) places.push(place)
      for (const target of state.empties) visit(target, stack)
      for (const call of state.calls) visit(call.entry, onlyEnds[call.target] ? stack : push(call.target, stack))
      if (state.end) {
        if (stack === undefined) accepting = true
        else visit(stack.target, stack.rest)
      }
    }
    if (places.length > MAX_PLACES) throw tooComplex()
    return number(places, accepting)
  }

  const number = (places: readonly Place[], accepting: boolean): number => {
    const key = `${accepting}${places
      .map(({ state, stack }) => `${state}:${stack?.id ?? 0}`)
      .sort()
      .join(' ')}`
    const known = numbers.get(key)
    if (known !== undefined) return known
    positions.push({ places, accepting, steps: new Int32Array(256).fill(UNKNOWN) })
    numbers.set(key, positions.length - 1)
    return positions.length - 1
  }

  const step = (index: number, byte: number): number => {
    const position = positions[index]!
    const known = position.steps[byte]!
    if (known !== UNKNOWN) return known
    const next: Place[] = []
    for (const { state, stack } of position.places) {
      for (const edge of states[state]!.bytes) if (edge.low <= byte && byte <= edge.high) next.push({ state: edge.target, stack })
    }
    const result = next.length === 0 ? DEAD : settle(next)
    position.steps[byte] = result
    return result
  }

  const start = settle([{ state: network.entry, stack: undefined }])
  const first = positions[start]!

  return {
    start,
    position: (index) => positions[index]!,
    step,
    get epoch() {
      return epoch
    },
    numberOf: ({ places, accepting }) => number(places, accepting),
    tidy() {
      if (positions.length <= MAX_POSITIONS) return
      positions = []
      numbers = new Map()
      // Stacks keep their ids, which stay unique, so that positions taken over from before can be told from new ones.
      stacks = new Map()
      epoch += 1
      // The first position keeps its number, for completions that begin later.
      number(first.places, first.accepting)
    },
  }
}

const tooComplex = () =>
  fail(
    'decode/grammar-too-complex',
    `the grammar can be read in more than ${MAX_PLACES} ways at once; make its alternatives begin differently`,
    { limit: MAX_PLACES },
  )
