// Rows for LiteRT: signed bytes, one float32 scale for a row. `quantizeRowsInt8` of ../../src/litert/quantize.ts is the specification.
import { magnitudeBits } from '../constants'
import { largestLane, packSigned, wholeToInteger } from '../vectors'

/** Encodes `rows` rows of `rowLength` finite float32. */
export function encodeRowsInt8(source: usize, levels: usize, scales: usize, rows: i32, rowLength: i32): void {
  for (; rows > 0; rows--) {
    const scale = largestMagnitude(source, rowLength) / <f32>127
    store<f32>(scales, scale)
    scales += 4
    const divisor = f32x4.splat(scale)
    let at = 0
    for (; at + 16 <= rowLength; at += 16) {
      v128.store(levels, sixteen(source, divisor))
      source += 64
      levels += 16
    }
    for (; at < rowLength; at++) {
      // Adding the rounder rounds to an integer, in the lowest bits; ties go to the even one.
      store<i8>(levels, <i8>i32x4.extract_lane(wholeToInteger(f32x4.splat(load<f32>(source) / scale)), 0))
      source += 4
      levels += 1
    }
  }
}

// @ts-ignore: decorator
@inline
function sixteen(source: usize, divisor: v128): v128 {
  const a = wholeToInteger(f32x4.div(v128.load(source), divisor))
  const b = wholeToInteger(f32x4.div(v128.load(source, 16), divisor))
  const c = wholeToInteger(f32x4.div(v128.load(source, 32), divisor))
  const d = wholeToInteger(f32x4.div(v128.load(source, 48), divisor))
  return packSigned(a, b, c, d)
}

/** At least 1e-9, so that the scale of a row of zeros is above zero. */
function largestMagnitude(source: usize, count: i32): f32 {
  let largest = f32x4.splat(<f32>1e-9)
  let at = 0
  for (; at + 4 <= count; at += 4) {
    largest = f32x4.pmax(largest, v128.and(v128.load(source), magnitudeBits()))
    source += 16
  }
  let result = largestLane(largest)
  for (; at < count; at++) {
    result = max(result, abs(load<f32>(source)))
    source += 4
  }
  return result
}
