// The extreme numbers of a block of 32, as a loop over the numbers in order would find them.
import { largestLane, smallestLane } from './vectors'

/** The number of largest magnitude with its sign: the first one where +a and -a tie, +0 for a block of zeros. */
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
  return firstOfMagnitude(source, largest)
}

/** The smallest number; where that is zero, the sign of the first zero. */
export function firstSmallest(source: usize): f32 {
  let low = v128.load(source)
  for (let at: usize = 16; at < 128; at += 16) low = f32x4.pmin(low, v128.load(source + at))
  const smallest = smallestLane(low)
  return smallest == 0 ? firstOfMagnitude(source, 0) : smallest
}

/** The largest number; a zero may have either sign. */
export function largestOf(source: usize): f32 {
  let high = v128.load(source)
  for (let at: usize = 16; at < 128; at += 16) high = f32x4.pmax(high, v128.load(source + at))
  return largestLane(high)
}

/** The first of 32 numbers with this magnitude, which one has. */
function firstOfMagnitude(source: usize, magnitude: f32): f32 {
  while (abs(load<f32>(source)) != magnitude) source += 4
  return load<f32>(source)
}
