// The importance each number gets in a search, from the importance matrix and the numbers around it.
import { RECORD } from './vectors'

/** Float32 sum of the squares of `count` numbers, a multiple of 4, added in order. */
export function sumOfSquares(source: usize, count: i32): f32 {
  let sum: f32 = 0
  const end = source + (<usize>count << 2)
  for (; source < end; source += 16) {
    const value = v128.load(source)
    const square = f32x4.mul(value, value)
    sum += f32x4.extract_lane(square, 0)
    sum += f32x4.extract_lane(square, 1)
    sum += f32x4.extract_lane(square, 2)
    sum += f32x4.extract_lane(square, 3)
  }
  return sum
}

/** The same for the values of `count` records, lane by lane. */
export function sumRecordSquares(records: usize, count: i32): v128 {
  const end = records + <usize>count * RECORD
  let sum = f32x4.splat(0)
  for (; records < end; records += RECORD) {
    const value = v128.load(records)
    sum = f32x4.add(sum, f32x4.mul(value, value))
  }
  return sum
}

/** Sets the weights of `count` records to the root mean square of their group plus the number's magnitude. */
export function setMagnitudeWeights(records: usize, count: i32): void {
  const end = records + <usize>count * RECORD
  const root = f32x4.sqrt(f32x4.div(sumRecordSquares(records, count), f32x4.splat(<f32>count)))
  for (; records < end; records += RECORD) v128.store(records, f32x4.add(root, f32x4.abs(v128.load(records))), 16)
}

/** Sets the weights of `count` records to the number's magnitude. */
export function setMagnitudes(records: usize, count: i32): void {
  const end = records + <usize>count * RECORD
  for (; records < end; records += RECORD) v128.store(records, f32x4.abs(v128.load(records)), 16)
}

/** Sets the weights of `count` records to the number's square. */
export function setSquares(records: usize, count: i32): void {
  const end = records + <usize>count * RECORD
  for (; records < end; records += RECORD) {
    const value = v128.load(records)
    v128.store(records, f32x4.mul(value, value), 16)
  }
}

/** Sets the weights of `count` records, which hold an importance, to importance * sqrt(spread + x²), with a spread per lane. */
// @ts-ignore: decorator
@inline
export function spreadWeights(records: usize, count: i32, spread: v128): void {
  const end = records + <usize>count * RECORD
  for (; records < end; records += RECORD) {
    const value = v128.load(records)
    const root = f32x4.sqrt(f32x4.add(spread, f32x4.mul(value, value)))
    v128.store(records, f32x4.mul(v128.load(records, 16), root), 16)
  }
}
