// Trits of a super-block, for TQ1_0 and TQ2_0. There is nothing to search: the largest magnitude is the scale.
import { roundHalfAway } from './nearest-integer.ts'

/**
 * Rounds 256 numbers over their largest magnitude to 0, 1, 2 (for -1, 0, 1), halves away from zero.
 * @returns That magnitude, the scale.
 */
export function ternaryLevels(source: Float32Array, first: number, levels: Uint8Array): number {
  let magnitude = 0
  for (let i = 0; i < 256; i++) magnitude = Math.max(magnitude, Math.abs(source[first + i]!))
  const inverse = magnitude === 0 ? 0 : Math.fround(1 / magnitude)
  for (let i = 0; i < 256; i++) levels[i] = roundHalfAway(Math.fround(source[first + i]! * inverse)) + 1
  return magnitude
}
