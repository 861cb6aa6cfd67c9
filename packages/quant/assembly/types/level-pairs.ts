// Bit pairs of Q2_K and Q3_K: each half of 128 levels is 32 columns of 4, one byte per column.
import { LEVELS } from '../scratch'

/** Packs the low two bits of the 256 bytes of `LEVELS` into 64. */
export function packPairs(destination: usize): void {
  const pair = i8x16.splat(3)
  for (let half: usize = 0; half < 2; half++) {
    for (let column: usize = 0; column < 32; column += 16) {
      const levels = LEVELS + half * 128 + column
      const first = v128.and(v128.load(levels), pair)
      const second = i8x16.shl(v128.and(v128.load(levels, 32), pair), 2)
      const third = i8x16.shl(v128.and(v128.load(levels, 64), pair), 4)
      const fourth = i8x16.shl(v128.load(levels, 96), 6)
      v128.store(destination + half * 32 + column, v128.or(v128.or(first, second), v128.or(third, fourth)))
    }
  }
}

/** Unpacks the pairs of 16 columns: `quarter` 0 … 3 of a half's 128 levels. */
// @ts-ignore: decorator
@inline
export function pairsOf(columns: v128, quarter: i32): v128 {
  return v128.and(i8x16.shr_u(columns, 2 * quarter), i8x16.splat(3))
}
