// What the codec asks of whole buffers before it trusts a kernel with them.
import { largestFloats, magnitudeBits } from './constants'

/** True when none of `count` float32 is NaN or infinite. */
export function allFinite(source: usize, count: i32): bool {
  let largest = i32x4.splat(0)
  let at = 0
  for (; at + 4 <= count; at += 4) {
    largest = i32x4.max_s(largest, v128.and(v128.load(source), magnitudeBits()))
    source += 16
  }
  if (v128.any_true(i32x4.gt_s(largest, largestFloats()))) return false
  for (; at < count; at++) {
    if ((load<u32>(source) & 0x7fffffff) > 0x7f7fffff) return false
    source += 4
  }
  return true
}
