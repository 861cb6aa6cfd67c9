// A grammar as a network of states: edges take a byte, take nothing, or go through another rule and come back.
// Built once per grammar; `automaton.ts` walks it.
import { fail } from '../errors.ts'
import type { Grammar, GrammarNode } from './grammar.ts'
import { utf8Sequences } from './utf8-ranges.ts'

export type ByteEdge = { readonly low: number; readonly high: number; readonly target: number }
export type CallEdge = { readonly entry: number; readonly target: number }

export type NetworkState = {
  readonly bytes: ByteEdge[]
  readonly empties: number[]
  readonly calls: CallEdge[]
  /** The rule this state is part of ends here. */
  end: boolean
}

export type Network = {
  readonly states: readonly NetworkState[]
  readonly entry: number
  /** Whether nothing but the end of its rule can follow the state: a call that comes back to it need not be remembered. */
  readonly onlyEnds: readonly boolean[]
}

/** Enough for schemas of thousands of properties; a few dozen megabytes. */
const MAX_STATES = 200_000

/** @throws FsError `decode/bad-grammar` for missing or left-recursive rules, `decode/grammar-too-complex` */
export function buildNetwork(grammar: Grammar): Network {
  const states: NetworkState[] = []
  const entries = new Map<string, number>()
  const pending: (() => void)[] = []
  const helpers = new Map<GrammarNode, number>()

  const addState = (): number => {
    if (states.length >= MAX_STATES) {
      throw fail('decode/grammar-too-complex', `the grammar needs more than ${MAX_STATES} states; lower its repetition counts`, {
        limit: MAX_STATES,
      })
    }
    states.push({ bytes: [], empties: [], calls: [], end: false })
    return states.length - 1
  }

  const addRule = (node: GrammarNode): number => {
    const entry = addState()
    const exit = addState()
    states[exit]!.end = true
    pending.push(() => connect(node, entry, exit))
    return entry
  }

  const entryOf = (name: string): number => {
    const known = entries.get(name)
    if (known !== undefined) return known
    const node = grammar.get(name)
    if (node === undefined) throw fail('decode/bad-grammar', `the grammar uses a rule "${name}" that it does not define`, { rule: name })
    const entry = addRule(node)
    entries.set(name, entry)
    return entry
  }

  /** A rule without a name for a part that occurs many times. */
  const helperOf = (node: GrammarNode): number => {
    const entry = helpers.get(node) ?? addRule(node)
    helpers.set(node, entry)
    return entry
  }

  const connect = (node: GrammarNode, from: number, to: number): void => {
    switch (node.kind) {
      case 'text': {
        let at = from
        for (const byte of new TextEncoder().encode(node.text)) {
          const next = addState()
          states[at]!.bytes.push({ low: byte, high: byte, target: next })
          at = next
        }
        states[at]!.empties.push(to)
        return
      }
      case 'characters':
        for (const [low, high] of node.ranges) for (const bytes of utf8Sequences(low, high)) connectBytes(bytes, from, to)
        return
      case 'sequence': {
        let at = from
        for (const part of node.parts) {
          const next = addState()
          connect(part, at, next)
          at = next
        }
        states[at]!.empties.push(to)
        return
      }
      case 'either':
        for (const option of node.options) connect(option, from, to)
        return
      case 'repeat':
        connectRepeat(node, from, to)
        return
      case 'rule':
        states[from]!.calls.push({ entry: entryOf(node.name), target: to })
        return
      default:
        node satisfies never
    }
  }

  const connectBytes = (bytes: readonly (readonly [number, number])[], from: number, to: number): void => {
    let at = from
    for (const [index, [low, high]] of bytes.entries()) {
      const target = index === bytes.length - 1 ? to : addState()
      states[at]!.bytes.push({ low, high, target })
      at = target
    }
  }

  const connectRepeat = ({ node, min, max }: GrammarNode & { readonly kind: 'repeat' }, from: number, to: number): void => {
    const once = min + (max ?? min + 1) > 3 ? callOf(node) : (start: number, end: number) => connect(node, start, end)
    let at = from
    for (let count = 0; count < min; count++) {
      const next = addState()
      once(at, next)
      at = next
    }
    if (max === undefined) {
      const loop = addState()
      states[at]!.empties.push(loop)
      const back = addState()
      once(loop, back)
      states[back]!.empties.push(loop)
      states[loop]!.empties.push(to)
      return
    }
    for (let count = min; count < max; count++) {
      states[at]!.empties.push(to)
      const next = addState()
      once(at, next)
      at = next
    }
    states[at]!.empties.push(to)
  }

  const callOf = (node: GrammarNode) => (start: number, end: number) => {
    states[start]!.calls.push({ entry: helperOf(node), target: end })
  }

  const entry = entryOf('root')
  for (let build = pending.pop(); build !== undefined; build = pending.pop()) build()
  const ruleEntries = [...entries.values(), ...helpers.values()]
  refuseLeftRecursion(states, ruleEntries, entries)
  return { states, entry, onlyEnds: statesThatOnlyEnd(states) }
}

function statesThatOnlyEnd(states: readonly NetworkState[]): boolean[] {
  const known = new Map<number, boolean>()
  const onlyEnds = (at: number): boolean => {
    const before = known.get(at)
    if (before !== undefined) return before
    // A circle of empty edges leads nowhere by itself; treating it as more than an end is safe.
    known.set(at, false)
    let state = states[at]!
    let steps = 0
    // Chains of one empty edge are long where sequences nest; they are followed without recursion.
    while (!state.end && state.bytes.length === 0 && state.calls.length === 0 && state.empties.length === 1 && steps++ < states.length)
      state = states[state.empties[0]!]!
    const result = state.end && state.bytes.length === 0 && state.calls.length === 0 && state.empties.length === 0
    known.set(at, result)
    return result
  }
  return states.map((_, at) => onlyEnds(at))
}

/** A rule that can call itself before it has taken a byte would be followed for ever. */
function refuseLeftRecursion(states: readonly NetworkState[], ruleEntries: readonly number[], names: ReadonlyMap<string, number>): void {
  const nullable = nullableRules(states, ruleEntries)
  const calledFirst = (entry: number): ReadonlySet<number> => {
    const called = new Set<number>()
    walkEmpty(states, entry, nullable, (call) => called.add(call.entry))
    return called
  }
  const graph = new Map(ruleEntries.map((entry) => [entry, [...calledFirst(entry)]]))
  const done = new Set<number>()
  for (const start of ruleEntries) {
    const path: { readonly entry: number; next: number }[] = [{ entry: start, next: 0 }]
    const onPath = new Set([start])
    while (path.length > 0) {
      const top = path.at(-1)!
      const callee = graph.get(top.entry)?.[top.next++]
      if (callee === undefined) {
        done.add(top.entry)
        onPath.delete(top.entry)
        path.pop()
      } else if (onPath.has(callee)) {
        const name = [...names].find(([, entry]) => entry === callee || onPath.has(entry))?.[0] ?? 'of a repetition'
        throw fail(
          'decode/bad-grammar',
          `rule "${name}" can call itself before it has matched anything (left recursion); write it with repetition`,
          { rule: name },
        )
      } else if (!done.has(callee)) {
        path.push({ entry: callee, next: 0 })
        onPath.add(callee)
      }
    }
  }
}

/** Entries of rules that match the empty text. */
function nullableRules(states: readonly NetworkState[], ruleEntries: readonly number[]): ReadonlySet<number> {
  const nullable = new Set<number>()
  for (let grown = true; grown; ) {
    grown = false
    for (const entry of ruleEntries) {
      if (nullable.has(entry)) continue
      if (walkEmpty(states, entry, nullable, () => {})) {
        nullable.add(entry)
        grown = true
      }
    }
  }
  return nullable
}

/** Visits what can be reached without a byte. @returns whether the rule's end can */
function walkEmpty(
  states: readonly NetworkState[],
  from: number,
  nullable: ReadonlySet<number>,
  onCall: (call: CallEdge) => void,
): boolean {
  const seen = new Set([from])
  const open = [from]
  let ends = false
  const visit = (state: number) => {
    if (!seen.has(state)) {
      seen.add(state)
      open.push(state)
    }
  }
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const state = states[at]!
    ends ||= state.end
    for (const target of state.empties) visit(target)
    for (const call of state.calls) {
      onCall(call)
      if (nullable.has(call.entry)) visit(call.target)
    }
  }
  return ends
}
