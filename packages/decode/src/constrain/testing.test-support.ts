// Writes random texts of a grammar, for properties such as "everything a schema's grammar lets through satisfies the schema".
import { uniformAt } from '../random.ts'
import { createAutomaton, DEAD } from './automaton.ts'
import type { Grammar } from './grammar.ts'
import { buildNetwork } from './network.ts'

/** Bytes tried first once a text is long, so that it comes to an end: what closes strings, lists and objects. */
const CLOSING = ['"', ']', '}', 'e', 'l', 's', 'u', ':', '0'].map((character) => character.charCodeAt(0))

/** A text the grammar accepts, or undefined when none was found within 4000 bytes. */
export function randomText(grammar: Grammar, seed: number): string | undefined {
  const automaton = createAutomaton(buildNetwork(grammar))
  const bytes: number[] = []
  let at = automaton.start
  for (let draw = 0; bytes.length < 4000; draw++) {
    const possible: number[] = []
    for (let byte = 0; byte < 256; byte++) if (automaton.step(at, byte) !== DEAD) possible.push(byte)
    const { accepting } = automaton.position(at)
    if (possible.length === 0 && !accepting) throw new Error('the grammar leads nowhere')
    if (possible.length === 0 || (accepting && (bytes.length > 200 || uniformAt(seed, draw) < 0.3)))
      return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(bytes))
    // Half of the time ASCII if there is any: else most bytes begin characters nobody can read.
    const ascii = possible.filter((byte) => byte < 128)
    const pool = ascii.length > 0 && uniformAt(seed + 1, draw) < 0.8 ? ascii : possible
    const closing = bytes.length > 200 && uniformAt(seed + 3, draw) < 0.7 ? CLOSING.find((byte) => possible.includes(byte)) : undefined
    const byte = closing ?? pool[Math.floor(uniformAt(seed + 2, draw) * pool.length)]!
    bytes.push(byte)
    at = automaton.step(at, byte)
  }
  return undefined
}
