// Search for IQ1_S and IQ1_M: numbers near scale * (t + shift) with t in -1, 0, 1 and a shift of +-1/8, before the codebook is asked.
// Sorted, the best assignment is two cuts; all pairs of cuts are tried.
import type { Codebook } from '../codebooks/codebook.ts'

/** What trits -1, 0, 1 stand for with a shift up and with a shift down (`IQ1S_DELTA` and `IQ1M_DELTA`, ggml-common.h). */
export const SHIFTED_UP: readonly [number, number, number] = [-0.875, 0.125, 1.125]
export const SHIFTED_DOWN: readonly [number, number, number] = [-1.125, -0.125, 0.875]

/** Fills `order` with 0 … count - 1 so that the values ascend, equal ones in their order (as glibc's `qsort`, a merge sort, leaves them). */
export function sortAscending(count: number, values: Float32Array, first: number, order: Uint8Array): void {
  for (let i = 0; i < count; i++) {
    const value = values[first + i]!
    let place = i
    while (place > 0 && values[first + order[place - 1]!]! > value) {
      order[place] = order[place - 1]!
      place--
    }
    order[place] = i
  }
}

/** Two cuts through the sorted numbers: below `low` trit -1, from `high` on trit 1. */
export function assignTrits(count: number, order: Uint8Array, low: number, high: number, levels: Uint8Array): void {
  for (let place = 0; place < count; place++) levels[order[place]!] = place < low ? 0 : place < high ? 1 : 2
}

/**
 * The point of the book for eight levels: their own, or the neighbour with the least weighted squared error against the shifted trits.
 * @returns The point, as is when it is the levels' own, else with all bits inverted.
 */
export function nearestTernaryPoint(
  book: Codebook,
  levels: Uint8Array,
  firstLevel: number,
  values: Float32Array,
  first: number,
  weights: Float32Array,
  scale: number,
  trits: readonly number[],
): number {
  let code = 0
  for (let i = 0; i < 8; i++) code |= levels[firstLevel + i]! << (2 * i)
  const own = book.pointOfCode[code]!
  if (own >= 0) return own
  const neighbours = book.neighbours(code)
  let best = neighbours[0]!
  let least = Number.POSITIVE_INFINITY
  for (let n = 0; n < neighbours.length; n++) {
    const neighbour = neighbours[n]!
    let error = 0
    for (let i = 0; i < 8; i++) {
      const difference = Math.fround(Math.fround(scale * trits[book.levels[8 * neighbour + i]!]!) - values[first + i]!)
      error = Math.fround(error + Math.fround(Math.fround(weights[firstLevel + i]! * difference) * difference))
    }
    if (error < least) {
      best = neighbour
      least = error
    }
  }
  return ~best
}
