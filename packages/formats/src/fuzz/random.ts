// Repeatable random choices: a case is its seed. Not for anything secret.

export type Random = {
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number
  /** True once in `times`. */
  oneIn(times: number): boolean
  pick<T>(items: readonly T[]): T
}

/** Marsaglia's xorshift32; every seed gives another stream. */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) | 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  // The first numbers of neighbouring seeds resemble one another.
  for (let warm = 0; warm < 8; warm++) next()
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit)
  return {
    below,
    oneIn: (times) => below(times) === 0,
    pick: (items) => items[below(items.length)]!,
  }
}
