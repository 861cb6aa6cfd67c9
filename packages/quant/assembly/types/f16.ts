// F16: rows of halves, eight numbers a step.
import { floatsToHalves, halvesToFloats, reportOverflow } from '../floats'

/** `count` float32 to halves. */
export function encodeF16(source: usize, destination: usize, count: i32): void {
  let largest = i16x8.splat(0)
  let at = 0
  for (; at + 8 <= count; at += 8) {
    const low = floatsToHalves(v128.load(source))
    const high = floatsToHalves(v128.load(source, 16))
    const halves = i16x8.narrow_i32x4_u(low, high)
    largest = i16x8.max_u(largest, i16x8.shl(halves, 1))
    v128.store(destination, halves)
    source += 32
    destination += 16
  }
  for (; at < count; at++) {
    const half = floatsToHalves(v128.load32_zero(source))
    largest = i16x8.max_u(largest, i16x8.shl(half, 1))
    store<u16>(destination, <u16>i32x4.extract_lane(half, 0))
    source += 4
    destination += 2
  }
  if (v128.any_true(i16x8.ge_u(largest, i16x8.splat(<i16>0xf800)))) reportOverflow()
}

/** `count` halves to float32. */
export function decodeF16(source: usize, destination: usize, count: i32): void {
  let at = 0
  for (; at + 8 <= count; at += 8) {
    const halves = v128.load(source)
    v128.store(destination, halvesToFloats(i32x4.extend_low_i16x8_u(halves)))
    v128.store(destination, halvesToFloats(i32x4.extend_high_i16x8_u(halves)), 16)
    source += 16
    destination += 32
  }
  for (; at < count; at++) {
    store<f32>(destination, f32x4.extract_lane(halvesToFloats(i32x4.splat(load<u16>(source))), 0))
    source += 2
    destination += 4
  }
}
