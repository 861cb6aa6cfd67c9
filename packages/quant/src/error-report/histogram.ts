// A histogram of numbers that come in pieces, whose range is not known before the last of them.
// Drawing it is someone else's business.

/** Bins of equal width from -limit to limit. */
export type Histogram = { readonly limit: number; readonly counts: readonly number[] }

/** Divisible by four, so that doubling the range merges whole pairs of bins. */
const BINS = 64

export type HistogramMeter = {
  /** Numbers that are not finite are left out. */
  add(values: Float32Array): void
  result(): Histogram
}

/**
 * The limit is a power of two that doubles when a number lies beyond it: neighbouring bins are merged, so the counts are those of one pass over all numbers
 * with the final limit. It does not depend on how the numbers are cut into pieces.
 */
export function histogramMeter(): HistogramMeter {
  let counts = new Float64Array(BINS)
  let limit = 0

  function widen(magnitude: number): void {
    const wanted = powerOfTwoAbove(magnitude)
    if (limit === 0) {
      // All numbers so far were zero, which lie in the bin above the middle whatever the limit is.
      limit = wanted
      return
    }
    for (; limit < wanted; limit *= 2) {
      const merged = new Float64Array(BINS)
      for (let bin = 0; bin < BINS / 2; bin++) merged[BINS / 4 + bin] = counts[2 * bin]! + counts[2 * bin + 1]!
      counts = merged
    }
  }

  return {
    add(values) {
      let largest = 0
      for (let index = 0; index < values.length; index++) {
        const magnitude = Math.abs(values[index]!)
        if (magnitude > largest && magnitude !== Number.POSITIVE_INFINITY) largest = magnitude
      }
      if (largest > 0 && (limit === 0 || largest >= limit)) widen(largest)
      const scale = limit === 0 ? 0 : BINS / 2 / limit
      for (let index = 0; index < values.length; index++) {
        const value = values[index]!
        if (Number.isFinite(value)) counts[Math.floor(value * scale) + BINS / 2]!++
      }
    },
    result: () => ({ limit: limit === 0 ? 1 : limit, counts: Array.from(counts) }),
  }
}

/** The least power of two that is larger. */
function powerOfTwoAbove(magnitude: number): number {
  let power = 2 ** Math.floor(Math.log2(magnitude))
  while (power <= magnitude) power *= 2
  while (power / 2 > magnitude) power /= 2
  return power
}
