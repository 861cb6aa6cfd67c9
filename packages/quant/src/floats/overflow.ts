// Finite numbers that a narrower float format would turn into infinity: finding them without casting.
// Overflow of a block's scale is found where blocks are made, in `block-type.ts`.
import type { GgmlType } from '@fs/core'

/** The smallest magnitude that rounds to infinity: half way from the largest finite number to the power of two after it. */
const INFINITE_FROM = {
  F16: 65520,
  BF16: (2 - 2 ** -8) * 2 ** 127,
} as const satisfies { readonly [type in GgmlType]?: number }

export type NarrowFloat = keyof typeof INFINITE_FROM

export type Overflow = { readonly index: number; readonly value: number; readonly count: number }

/**
 * Looks for finite numbers that would be infinite in `type`, without converting anything.
 * @returns The first such number with its index, and how many there are; undefined when all fit.
 */
export function scanOverflow(values: Float32Array, type: NarrowFloat): Overflow | undefined {
  const infiniteFrom = INFINITE_FROM[type]
  let first = -1
  let count = 0
  for (let index = 0; index < values.length; index++) {
    const magnitude = Math.abs(values[index]!)
    if (magnitude >= infiniteFrom && magnitude !== Number.POSITIVE_INFINITY) {
      if (first < 0) first = index
      count++
    }
  }
  return first < 0 ? undefined : { index: first, value: values[first]!, count }
}
