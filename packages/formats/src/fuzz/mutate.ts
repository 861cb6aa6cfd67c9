// The two ways cases are spoiled: a field that lies while the rest of the file is built around it, and bytes changed afterwards.
import type { Random } from './random.ts'

/** Where integer arithmetic tends to break: signs, widths, wrap-arounds, exactness of doubles. */
const EDGES = [
  0n,
  1n,
  2n,
  7n,
  31n,
  33n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 61n,
  2n ** 63n,
  2n ** 64n - 1n,
] as const

/** How often a field lies. A file has some dozens of fields, so about half of the files hold one lie and the others none or few. */
const LIE_ONCE_IN = 60

/** `honest`, or now and then something else. */
export function maybeLie(random: Random, honest: number | bigint): bigint {
  const value = BigInt(honest)
  if (!random.oneIn(LIE_ONCE_IN)) return value
  if (random.oneIn(3)) return BigInt.asUintN(64, value + BigInt(random.below(5) - 2))
  return random.pick(EDGES)
}

/** Flips, overwrites, cuts, repeats or inserts a few bytes; returns a new array. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let result = Uint8Array.from(bytes)
  for (let count = 1 + random.below(3); count > 0 && result.length > 0; count--) {
    const at = random.below(result.length)
    switch (random.below(5)) {
      case 0:
        result[at] = result[at]! ^ (1 << random.below(8))
        break
      case 1: {
        const width = random.pick([1, 2, 4, 8])
        const edge = random.pick(EDGES)
        for (let index = 0; index < width && at + index < result.length; index++)
          result[at + index] = Number((edge >> BigInt(8 * index)) & 0xffn)
        break
      }
      case 2:
        result = result.slice(0, at)
        break
      case 3: {
        const length = random.below(Math.min(64, result.length - at))
        result = concat(result.subarray(0, at + length), result.subarray(at))
        break
      }
      default:
        result = concat(
          result.subarray(0, at),
          Uint8Array.from({ length: random.below(16) }, () => random.below(256)),
          result.subarray(at),
        )
    }
  }
  return result
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
