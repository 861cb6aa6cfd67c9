// Texts by their UTF-16 units, one at a time: what finds every token that begins at a place in one walk.
// Nodes are numbers and edges a pair table, so a quarter of a million tokens take some 20 MB.
import { createPairTable } from './pair-table.ts'

export type Trie = {
  /** The node after `node` (0 at the start) by a unit, or -1. */
  step(node: number, unit: number): number
  /** The value of the text that ends at `node`, or -1. */
  value(node: number): number
}

/** @param entries texts and their values, 0 or more; of equal texts the last counts, and empty texts are left out. */
export function createTrie(entries: Iterable<readonly [string, number]>): Trie {
  const edges = createPairTable(4096)
  const values: number[] = [-1]
  for (const [text, value] of entries) {
    let node = 0
    for (let at = 0; at < text.length; at++) {
      let next = edges.get(node, text.charCodeAt(at))
      if (next < 0) {
        next = values.length
        values.push(-1)
        edges.add(node, text.charCodeAt(at), next)
      }
      node = next
    }
    if (node > 0) values[node] = value
  }
  return { step: (node, unit) => edges.get(node, unit), value: (node) => values[node]! }
}
