// Which tasks llama-perplexity takes, and in what order: drawn by the 32-bit Mersenne Twister with seed 1 (tools/perplexity/perplexity.cpp),
// so that a score over some of a file is a score over the same ones. No source of randomness for anything else.

/**
 * HellaSwag's order: each task is drawn from those left, which keep their order. The draw is that of libstdc++ 11 and later
 * (bits/uniform_int_dist.h: the upper half of a product, drawn again where it would favour a number).
 * @returns indices of tasks, `min(count, most)` of them
 */
export function drawInTurn(count: number, most: number): readonly number[] {
  const next = mersenneTwister(1)
  const left = Array.from({ length: count }, (_, index) => index)
  return Array.from({ length: Math.min(count, most) }, () => left.splice(evenly(next, left.length), 1)[0]!)
}

/**
 * WinoGrande's and multiple choice's order: all in the file's order, or some, where the last of those left takes the place of the one drawn.
 * The draw is made in float32.
 */
export function drawSome(count: number, most: number): readonly number[] {
  const left = Array.from({ length: count }, (_, index) => index)
  if (most >= count) return left
  const next = mersenneTwister(1)
  return Array.from({ length: most }, () => {
    const share = Math.fround(Math.fround(next()) * 2 ** -32)
    const place = Math.min(Math.floor(Math.fround(share * left.length)), left.length - 1)
    const drawn = left[place]!
    left[place] = left.at(-1)!
    left.pop()
    return drawn
  })
}

function evenly(next: () => number, range: number): number {
  const wide = BigInt(range)
  const threshold = 2 ** 32 % range
  for (;;) {
    const product = BigInt(next()) * wide
    if (Number(product & 0xffffffffn) >= threshold) return Number(product >> 32n)
  }
}

/** Numbers of 32 bits (Matsumoto and Nishimura 1998, MT19937). */
export function mersenneTwister(seed: number): () => number {
  const [length, middle] = [624, 397]
  const state = new Uint32Array(length)
  state[0] = seed
  for (let index = 1; index < length; index++) {
    const before = state[index - 1]! ^ (state[index - 1]! >>> 30)
    state[index] = Math.imul(before, 1_812_433_253) + index
  }
  let index = length
  const refill = () => {
    for (let at = 0; at < length; at++) {
      const joined = (state[at]! & 0x8000_0000) | (state[(at + 1) % length]! & 0x7fff_ffff)
      state[at] = state[(at + middle) % length]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908_b0df : 0)
    }
    index = 0
  }
  return () => {
    if (index === length) refill()
    let value = state[index++]!
    value ^= value >>> 11
    value ^= (value << 7) & 0x9d2c_5680
    value ^= (value << 15) & 0xefc6_0000
    return (value ^ (value >>> 18)) >>> 0
  }
}
