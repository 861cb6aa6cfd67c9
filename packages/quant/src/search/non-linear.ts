// The sixteen uneven levels of IQ4_NL and IQ4_XS, and the search for the scale of a group of 32 numbers over them.
import { ZERO_GROUP } from './signed-scale.ts'

/** `kvalues_iq4nl` (ggml-common.h). */
export const NON_LINEAR_LEVELS: readonly number[] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]

/** The index of the level nearest to a float32, the higher of equals. */
export function nearestNonLinear(value: number): number {
  let low = 0
  let high = 15
  if (value <= NON_LINEAR_LEVELS[low]!) return low
  if (value >= NON_LINEAR_LEVELS[high]!) return high
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (value < NON_LINEAR_LEVELS[middle]!) high = middle
    else low = middle
  }
  return Math.fround(value - NON_LINEAR_LEVELS[low]!) < Math.fround(NON_LINEAR_LEVELS[high]! - value) ? low : high
}

/**
 * Sixteen trial scales, the one that maps the largest magnitude to level -127 (or its opposite to +127, tried first) and its neighbours in
 * whole levels, by weighted least squares; the first best wins. As the search in `quantize_row_iq4_nl_impl` (ggml-quants.c).
 * @returns The scale, a float32; 0 when the group is all zero.
 */
export function searchNonLinearScale(source: Float32Array, first: number, weights: Float32Array): number {
  let extreme = 0
  let magnitude = 0
  for (let i = 0; i < 32; i++) {
    const value = source[first + i]!
    if (Math.abs(value) > magnitude) {
      magnitude = Math.abs(value)
      extreme = value
    }
  }
  if (magnitude < ZERO_GROUP) return 0

  let scale = 0
  let best = 0
  for (let attempt = -8; attempt <= 7; attempt++) {
    const isFirst = attempt === -8
    const inverse = isFirst ? Math.fround(1 / Math.fround(extreme / 127)) : Math.fround((attempt - 127) / extreme)
    let sumValueLevel = 0
    let sumLevelLevel = 0
    for (let i = 0; i < 32; i++) {
      const value = source[first + i]!
      const level = NON_LINEAR_LEVELS[nearestNonLinear(Math.fround(inverse * value))]!
      const weighted = Math.fround(weights[i]! * level)
      sumValueLevel = Math.fround(sumValueLevel + Math.fround(weighted * value))
      sumLevelLevel = Math.fround(sumLevelLevel + Math.fround(weighted * level))
    }
    if (isFirst) {
      scale = sumLevelLevel > 0 ? Math.fround(sumValueLevel / sumLevelLevel) : 0
      best = Math.fround(scale * sumValueLevel)
    } else if (sumLevelLevel > 0 && Math.fround(sumValueLevel * sumValueLevel) > Math.fround(best * sumLevelLevel)) {
      scale = Math.fround(sumValueLevel / sumLevelLevel)
      best = Math.fround(scale * sumValueLevel)
    }
  }
  return scale
}
