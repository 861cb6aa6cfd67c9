// The number of largest magnitude in a block of 32, with its sign; the first one where +a and -a tie, 0 for a block of zeros.
import { largestLane, smallestLane } from '../vectors'

export function firstExtreme(source: usize): f32 {
  let high = v128.load(source)
  let low = high
  for (let at: usize = 16; at < 128; at += 16) {
    const values = v128.load(source + at)
    high = f32x4.pmax(high, values)
    low = f32x4.pmin(low, values)
  }
  const largest = largestLane(high)
  const smallest = smallestLane(low)
  if (largest > -smallest) return largest
  if (largest < -smallest) return smallest
  if (largest == 0) return 0
  for (let at: usize = 0; at < 128; at += 4) {
    const value = load<f32>(source + at)
    if (abs(value) == largest) return value
  }
  return largest
}
