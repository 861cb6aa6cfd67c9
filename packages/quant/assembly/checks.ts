// What the codec asks of whole buffers before it trusts a kernel with them.
import { magnitudeBits } from './constants'

/** True when none of `count` float32 is NaN or infinite. */
export function allFinite(source: usize, count: i32): bool {
  return allBelow(source, count, Infinity)
}

/** True when the magnitudes of `count` float32 are below `limit`, which none of NaN is. */
export function allBelow(source: usize, count: i32, limit: f32): bool {
  // Magnitudes are in the order of their bits, and those of NaN are above infinity.
  const highest = reinterpret<i32>(limit) - 1
  let largest = i32x4.splat(0)
  let at = 0
  for (; at + 4 <= count; at += 4) {
    largest = i32x4.max_s(largest, v128.and(v128.load(source), magnitudeBits()))
    source += 16
  }
  if (v128.any_true(i32x4.gt_s(largest, i32x4.splat(highest)))) return false
  for (; at < count; at++) {
    if ((load<i32>(source) & 0x7fffffff) > highest) return false
    source += 4
  }
  return true
}
