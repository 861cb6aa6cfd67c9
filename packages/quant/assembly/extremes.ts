// The extreme numbers of blocks of 32, as a loop over the numbers in order would find them.
import { magnitudeBits } from './constants'
import { largestLane, smallestLane } from './vectors'

/** The number of largest magnitude of each of four blocks, with its sign: the first one where +a and -a tie, +0 for a block of zeros. */
export function fourFirstExtremes(a: usize, b: usize, c: usize, d: usize): v128 {
  const lowest = fourSmallest(a, b, c, d)
  const largest = fourLargest(a, b, c, d)
  const opposite = f32x4.neg(lowest)
  const extremes = v128.bitselect(largest, lowest, f32x4.gt(largest, opposite))
  const ties = f32x4.eq(largest, opposite)
  if (!v128.any_true(ties)) return extremes
  v128.store(found, extremes)
  v128.store(magnitudes, largest)
  if (i32x4.extract_lane(ties, 0)) setFirst(a, 0)
  if (i32x4.extract_lane(ties, 1)) setFirst(b, 4)
  if (i32x4.extract_lane(ties, 2)) setFirst(c, 8)
  if (i32x4.extract_lane(ties, 3)) setFirst(d, 12)
  return v128.load(found)
}

const found: usize = memory.data(16, 16)
const magnitudes: usize = memory.data(16, 16)

function setFirst(source: usize, lane: usize): void {
  const magnitude = load<f32>(magnitudes + lane)
  store<f32>(found + lane, magnitude == 0 ? 0 : firstOfMagnitude(source, magnitude))
}

// @ts-ignore: decorator
@inline
function fourLargest(a: usize, b: usize, c: usize, d: usize): v128 {
  return lanesOf(largestFour(a), largestFour(b), largestFour(c), largestFour(d), true)
}

// @ts-ignore: decorator
@inline
function fourSmallest(a: usize, b: usize, c: usize, d: usize): v128 {
  return lanesOf(smallestFour(a), smallestFour(b), smallestFour(c), smallestFour(d), false)
}

/** The largest magnitude of each of four blocks. */
export function fourLargestMagnitudes(a: usize, b: usize, c: usize, d: usize): v128 {
  return lanesOf(largestMagnitudes(a), largestMagnitudes(b), largestMagnitudes(c), largestMagnitudes(d), true)
}

/** One lane for each of four vectors: the largest of its lanes, or the smallest. */
// @ts-ignore: decorator
@inline
function lanesOf(a: v128, b: v128, c: v128, d: v128, largest: bool): v128 {
  const ab = either(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7), largest)
  const cd = either(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7), largest)
  return either(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3), largest)
}

// @ts-ignore: decorator
@inline
function either(a: v128, b: v128, largest: bool): v128 {
  return largest ? f32x4.pmax(a, b) : f32x4.pmin(a, b)
}

// @ts-ignore: decorator
@inline
function largestFour(source: usize): v128 {
  const a = f32x4.pmax(f32x4.pmax(v128.load(source), v128.load(source, 16)), f32x4.pmax(v128.load(source, 32), v128.load(source, 48)))
  const b = f32x4.pmax(f32x4.pmax(v128.load(source, 64), v128.load(source, 80)), f32x4.pmax(v128.load(source, 96), v128.load(source, 112)))
  return f32x4.pmax(a, b)
}

// @ts-ignore: decorator
@inline
function smallestFour(source: usize): v128 {
  const a = f32x4.pmin(f32x4.pmin(v128.load(source), v128.load(source, 16)), f32x4.pmin(v128.load(source, 32), v128.load(source, 48)))
  const b = f32x4.pmin(f32x4.pmin(v128.load(source, 64), v128.load(source, 80)), f32x4.pmin(v128.load(source, 96), v128.load(source, 112)))
  return f32x4.pmin(a, b)
}

// @ts-ignore: decorator
@inline
function largestMagnitudes(source: usize): v128 {
  const a = f32x4.pmax(f32x4.pmax(magnitude(source, 0), magnitude(source, 16)), f32x4.pmax(magnitude(source, 32), magnitude(source, 48)))
  const b = f32x4.pmax(f32x4.pmax(magnitude(source, 64), magnitude(source, 80)), f32x4.pmax(magnitude(source, 96), magnitude(source, 112)))
  return f32x4.pmax(a, b)
}

// @ts-ignore: decorator
@inline
function magnitude(source: usize, at: usize): v128 {
  return v128.and(v128.load(source + at), magnitudeBits())
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
