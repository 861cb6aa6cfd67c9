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

/** Sets the weights of `count` records to the root mean square of their group plus the number's magnitude. */
export function setMagnitudeWeights(records: usize, count: i32): void {
  const end = records + <usize>count * RECORD
  let sum = f32x4.splat(0)
  for (let at = records; at < end; at += RECORD) {
    const value = v128.load(at)
    sum = f32x4.add(sum, f32x4.mul(value, value))
  }
  const root = f32x4.sqrt(f32x4.div(sum, f32x4.splat(<f32>count)))
  for (let at = records; at < end; at += RECORD) v128.store(at, f32x4.add(root, f32x4.abs(v128.load(at))), 16)
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

/** `importance * sqrt(spread + x²)` for `count` numbers, a multiple of 4. */
export function spreadWeights(source: usize, importance: usize, count: i32, spread: f32, destination: usize): void {
  const spreads = f32x4.splat(spread)
  for (let at: usize = 0; at < <usize>count << 2; at += 16) {
    const value = v128.load(source + at)
    const root = f32x4.sqrt(f32x4.add(spreads, f32x4.mul(value, value)))
    v128.store(destination + at, f32x4.mul(v128.load(importance + at), root))
  }
}
