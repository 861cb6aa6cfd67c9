// A grammar and a vocabulary as a constraint on tokens. Which tokens fit a position is found by walking vocabulary and automaton together,
// and remembered: inside a string, for one, every position is the same.
import type { TextCodec } from '../codec.ts'
import { type Automaton, createAutomaton, DEAD, type Position } from './automaton.ts'
import type { Constraint, ConstraintState } from './constraint.ts'
import type { Grammar } from './grammar.ts'
import { buildNetwork } from './network.ts'
import { type VocabularyTrie, vocabularyTrie } from './vocabulary-trie.ts'

/** One bit per token. */
type TokenSet = Uint32Array

/** Sets remembered per constraint; 128 thousand tokens take 16 kB each. */
const KEPT_SETS = 512

/**
 * Only texts that match the grammar's `root` can be written; a stop token only where the text may end. Tokens are taken by their bytes,
 * so one may cover several parts of the grammar or half a character.
 * @throws FsError `decode/bad-grammar`, `decode/grammar-too-complex` (also later, while it is followed)
 */
export function grammarConstraint(grammar: Grammar, codec: TextCodec): Constraint {
  const automaton = createAutomaton(buildNetwork(grammar))
  const trie = vocabularyTrie(codec)
  const sets = new WeakMap<Position, TokenSet>()
  const kept: Position[] = []
  const setAt = (index: number): TokenSet => {
    const position = automaton.position(index)
    const known = sets.get(position)
    if (known !== undefined) return known
    const set = fittingTokens(trie, automaton, index)
    sets.set(position, set)
    if (kept.push(position) > KEPT_SETS) sets.delete(kept.shift()!)
    return set
  }
  const stateAt = (position: Position, stopTokens: ReadonlySet<number>): ConstraintState =>
    createState(automaton, codec, setAt, position, stopTokens)
  return { start: (stopTokens) => stateAt(automaton.position(automaton.start), stopTokens) }
}

function createState(
  automaton: Automaton,
  codec: TextCodec,
  setAt: (index: number) => TokenSet,
  start: Position,
  stopTokens: ReadonlySet<number>,
): ConstraintState {
  let position = start
  let epoch = -1
  let number = 0
  const index = (): number => {
    if (epoch !== automaton.epoch) {
      number = automaton.numberOf(position)
      epoch = automaton.epoch
    }
    return number
  }
  const after = (token: number): number => {
    const bytes = codec.isSpecial(token) ? undefined : codec.idToBytes(token)
    if (bytes === undefined || bytes.length === 0) return DEAD
    let at = index()
    for (const byte of bytes) {
      at = automaton.step(at, byte)
      if (at === DEAD) return DEAD
    }
    return at
  }
  return {
    allows: (token) => (stopTokens.has(token) ? position.accepting : after(token) !== DEAD),
    forbid(logits, limit) {
      const ends = position.accepting ? Array.from(stopTokens, (id) => [id, logits[id]] as const) : []
      forbidOutside(setAt(index()), logits, limit)
      // A stop token may be an ordinary token of the vocabulary; here it only ends.
      for (const id of stopTokens) if (id < limit) logits[id] = Number.NEGATIVE_INFINITY
      for (const [id, logit] of ends) if (logit !== undefined && id < limit) logits[id] = logit
    },
    advance(token) {
      const next = after(token)
      if (next === DEAD) throw new RangeError(`token ${token} was not allowed here`)
      number = next
      position = automaton.position(next)
      automaton.tidy()
    },
    get finished() {
      return position.accepting && position.places.length === 0
    },
    clone: () => createState(automaton, codec, setAt, position, stopTokens),
  }
}

/** 32 tokens at a time, for most words of a set are all or nothing. */
function forbidOutside(set: TokenSet, logits: Float32Array, limit: number): void {
  for (let start = 0; start < limit; start += 32) {
    const word = set[start >>> 5]!
    if (word === 0) logits.fill(Number.NEGATIVE_INFINITY, start, Math.min(start + 32, limit))
    else if (word !== 0xffffffff) {
      const end = Math.min(32, limit - start)
      for (let bit = 0; bit < end; bit++) if (((word >>> bit) & 1) === 0) logits[start + bit] = Number.NEGATIVE_INFINITY
    }
  }
}

/** Walks the vocabulary's tree and the automaton together. */
function fittingTokens(trie: VocabularyTrie, automaton: Automaton, index: number): TokenSet {
  const { bytes, depths, ends, tokens, sameBytes } = trie
  const set: TokenSet = new Uint32Array((trie.vocabularySize + 31) >>> 5)
  const positions = new Int32Array(trie.maxDepth + 1)
  positions[0] = index
  for (let node = 0; node < bytes.length; ) {
    const depth = depths[node]!
    const next = automaton.step(positions[depth]!, bytes[node]!)
    if (next === DEAD) {
      node = ends[node]!
      continue
    }
    positions[depth + 1] = next
    for (let token = tokens[node]!; token >= 0; token = sameBytes[token]!) set[token >>> 5]! |= 1 << (token & 31)
    node += 1
  }
  return set
}
