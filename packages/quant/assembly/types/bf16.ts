// BF16: rows of bfloat16, eight numbers a step.
import { floatsToBfloat16s, reportOverflow } from '../floats'

/** `count` float32 to bfloat16. */
export function encodeBF16(source: usize, destination: usize, count: i32): void {
  let largest = i16x8.splat(0)
  let at = 0
  for (; at + 8 <= count; at += 8) {
    const low = floatsToBfloat16s(v128.load(source))
    const high = floatsToBfloat16s(v128.load(source, 16))
    const packed = i16x8.narrow_i32x4_u(low, high)
    largest = i16x8.max_u(largest, i16x8.shl(packed, 1))
    v128.store(destination, packed)
    source += 32
    destination += 16
  }
  for (; at < count; at++) {
    const word = floatsToBfloat16s(v128.load32_zero(source))
    largest = i16x8.max_u(largest, i16x8.shl(word, 1))
    store<u16>(destination, <u16>i32x4.extract_lane(word, 0))
    source += 4
    destination += 2
  }
  if (v128.any_true(i16x8.ge_u(largest, i16x8.splat(<i16>0xff00)))) reportOverflow()
}

/** `count` bfloat16 to float32. */
export function decodeBF16(source: usize, destination: usize, count: i32): void {
  const zero = i16x8.splat(0)
  let at = 0
  for (; at + 8 <= count; at += 8) {
    const halves = v128.load(source)
    v128.store(destination, v128.shuffle<i16>(zero, halves, 0, 8, 1, 9, 2, 10, 3, 11))
    v128.store(destination, v128.shuffle<i16>(zero, halves, 4, 12, 5, 13, 6, 14, 7, 15), 16)
    source += 16
    destination += 32
  }
  for (; at < count; at++) {
    store<u32>(destination, <u32>load<u16>(source) << 16)
    source += 2
    destination += 4
  }
}
