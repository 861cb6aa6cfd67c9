// Random numbers by position: the n-th draw of a seed is a function of seed and n, so a sequence's choices depend neither on the batch
// it runs in nor on tokens that were tried and rejected. Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as
// 1, 2, 3; SC 2011); constants from there.

const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85
const ROUNDS = 10

/** High and low halves of the 64-bit product of two 32-bit numbers. */
function multiply(left: number, right: number): [high: number, low: number] {
  const leftLow = left & 0xffff
  const leftHigh = left >>> 16
  const rightLow = right & 0xffff
  const rightHigh = right >>> 16
  const low = leftLow * rightLow
  const middle = leftHigh * rightLow + (low >>> 16)
  const cross = leftLow * rightHigh + (middle % 0x10000)
  return [(leftHigh * rightHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0, Math.imul(left, right) >>> 0]
}

export type Word4 = readonly [number, number, number, number]

/** One block of the generator: four 32-bit words for a counter and a key. */
export function philox(counter: Word4, key: readonly [number, number]): Word4 {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = multiply(MULTIPLIER_0, c0)
    const [high1, low1] = multiply(MULTIPLIER_1, c2)
    ;[c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0]
    k0 = (k0 + WEYL_0) >>> 0
    k1 = (k1 + WEYL_1) >>> 0
  }
  return [c0, c1, c2, c3]
}

const split = (value: number): [low: number, high: number] => [value % 2 ** 32, Math.floor(value / 2 ** 32)]

/**
 * A number in [0, 1) with 53 random bits.
 * @param seed a safe integer from 0
 * @param position which draw of the seed
 */
export function uniformAt(seed: number, position: number): number {
  const [low, high] = split(position)
  const [first, second] = philox([low, high, 0, 0], split(seed))
  return ((first >>> 5) * 2 ** 26 + (second >>> 6)) / 2 ** 53
}
