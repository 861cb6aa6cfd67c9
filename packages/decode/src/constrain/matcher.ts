// Asks of a whole text what a constraint asks of tokens: does it match, could it still? For checks and tests.
import { createAutomaton, DEAD } from './automaton.ts'
import type { Grammar } from './grammar.ts'
import { buildNetwork } from './network.ts'

/**
 * `complete`: the text matches. `open`: it can be continued to one that does. `no`: neither. A text may be complete and open; it is
 * `complete` then.
 */
export type Match = 'complete' | 'open' | 'no'

export function grammarMatcher(grammar: Grammar): (text: string) => Match {
  const automaton = createAutomaton(buildNetwork(grammar))
  return (text) => {
    let at = automaton.start
    for (const byte of new TextEncoder().encode(text)) {
      at = automaton.step(at, byte)
      if (at === DEAD) return 'no'
    }
    return automaton.position(at).accepting ? 'complete' : 'open'
  }
}
