// Which neighbour of a point that a codebook lacks fits best: `iq2_find_best_neighbour`, `iq3_find_best_neighbour` and
// `iq1_find_best_neighbour` (ggml-quants.c, llama.cpp v0.5.0), four neighbours at a time, one per lane.
// Errors are added up number by number, in the scalar order.

/** Weighted squared distance of numbers from values. */
// @ts-ignore: decorator
@inline
function errorsOf(values: v128, numbers: v128, weights: v128): v128 {
  const difference = f32x4.sub(values, numbers)
  return f32x4.mul(f32x4.mul(weights, difference), difference)
}

/**
 * The best of the neighbours in a list (`neighboursOf`) for eight numbers whose levels 0, 1, 2 stand for three values.
 * A number's three possible errors are computed once, and each neighbour only picks and adds.
 * @returns The point; the first of equals, and the first of all where no error is finite.
 */
export function bestOfThreeLevels(list: usize, numbers: usize, weights: usize, zero: f32, one: f32, two: f32): i32 {
  const numbersLow = v128.load(numbers)
  const numbersHigh = v128.load(numbers, 16)
  const weightsLow = v128.load(weights)
  const weightsHigh = v128.load(weights, 16)
  const a = errorsOf(f32x4.splat(zero), numbersLow, weightsLow)
  const b = errorsOf(f32x4.splat(one), numbersLow, weightsLow)
  const c = errorsOf(f32x4.splat(two), numbersLow, weightsLow)
  const d = errorsOf(f32x4.splat(zero), numbersHigh, weightsHigh)
  const e = errorsOf(f32x4.splat(one), numbersHigh, weightsHigh)
  const f = errorsOf(f32x4.splat(two), numbersHigh, weightsHigh)
  // By number: the errors of its levels 0, 1, 2.
  const first = v128.shuffle<i32>(v128.shuffle<i32>(a, b, 0, 4, 0, 4), c, 0, 1, 4, 4)
  const second = v128.shuffle<i32>(v128.shuffle<i32>(a, b, 1, 5, 1, 5), c, 0, 1, 5, 5)
  const third = v128.shuffle<i32>(v128.shuffle<i32>(a, b, 2, 6, 2, 6), c, 0, 1, 6, 6)
  const fourth = v128.shuffle<i32>(v128.shuffle<i32>(a, b, 3, 7, 3, 7), c, 0, 1, 7, 7)
  const fifth = v128.shuffle<i32>(v128.shuffle<i32>(d, e, 0, 4, 0, 4), f, 0, 1, 4, 4)
  const sixth = v128.shuffle<i32>(v128.shuffle<i32>(d, e, 1, 5, 1, 5), f, 0, 1, 5, 5)
  const seventh = v128.shuffle<i32>(v128.shuffle<i32>(d, e, 2, 6, 2, 6), f, 0, 1, 6, 6)
  const eighth = v128.shuffle<i32>(v128.shuffle<i32>(d, e, 3, 7, 3, 7), f, 0, 1, 7, 7)

  const fours = load<u32>(list)
  list += 8
  let at = list
  let least = f32x4.splat(Infinity)
  let best = i32x4.splat(0)
  for (let four: u32 = 0; four < fours; four++) {
    let error = v128.swizzle(first, v128.load(at))
    error = f32x4.add(error, v128.swizzle(second, v128.load(at, 16)))
    error = f32x4.add(error, v128.swizzle(third, v128.load(at, 32)))
    error = f32x4.add(error, v128.swizzle(fourth, v128.load(at, 48)))
    error = f32x4.add(error, v128.swizzle(fifth, v128.load(at, 64)))
    error = f32x4.add(error, v128.swizzle(sixth, v128.load(at, 80)))
    error = f32x4.add(error, v128.swizzle(seventh, v128.load(at, 96)))
    error = f32x4.add(error, v128.swizzle(eighth, v128.load(at, 112)))
    const smaller = f32x4.lt(error, least)
    least = v128.bitselect(error, least, smaller)
    best = v128.bitselect(i32x4.splat(four), best, smaller)
    at += 136
  }
  const place = firstLeast(least, best)
  return load<u16>(list + (place >> 2) * 136 + 128 + (place & 3) * 2)
}

/** The same for four numbers whose levels stand for odd multiples of a scale. There are too many levels for computing all errors first. */
export function bestOfOddMultiples(list: usize, numbers: usize, weights: usize, scale: f32): i32 {
  const scales = f32x4.splat(scale)
  const first = v128.load32_splat(numbers)
  const second = v128.load32_splat(numbers, 4)
  const third = v128.load32_splat(numbers, 8)
  const fourth = v128.load32_splat(numbers, 12)
  const firstWeight = v128.load32_splat(weights)
  const secondWeight = v128.load32_splat(weights, 4)
  const thirdWeight = v128.load32_splat(weights, 8)
  const fourthWeight = v128.load32_splat(weights, 12)
  const fours = load<u32>(list)
  list += 8
  let at = list
  let least = f32x4.splat(Infinity)
  let best = i32x4.splat(0)
  for (let four: u32 = 0; four < fours; four++) {
    let error = errorsOf(f32x4.mul(scales, v128.load(at)), first, firstWeight)
    error = f32x4.add(error, errorsOf(f32x4.mul(scales, v128.load(at, 16)), second, secondWeight))
    error = f32x4.add(error, errorsOf(f32x4.mul(scales, v128.load(at, 32)), third, thirdWeight))
    error = f32x4.add(error, errorsOf(f32x4.mul(scales, v128.load(at, 48)), fourth, fourthWeight))
    const smaller = f32x4.lt(error, least)
    least = v128.bitselect(error, least, smaller)
    best = v128.bitselect(i32x4.splat(four), best, smaller)
    at += 72
  }
  const place = firstLeast(least, best)
  return load<u16>(list + (place >> 2) * 72 + 64 + (place & 3) * 2)
}

/** The place in a list of the least error, given each lane's least and the number of its four: the first one among equals. */
// @ts-ignore: decorator
@inline
function firstLeast(least: v128, fours: v128): u32 {
  const pair = f32x4.pmin(least, v128.shuffle<i64>(least, least, 1, 0))
  const smallest = f32x4.pmin(pair, v128.shuffle<i32>(pair, pair, 1, 0, 3, 2))
  const places = v128.or(i32x4.shl(fours, 2), i32x4(0, 1, 2, 3))
  const candidates = v128.bitselect(places, i32x4.splat(i32.MAX_VALUE), f32x4.eq(least, smallest))
  const half = i32x4.min_s(candidates, v128.shuffle<i64>(candidates, candidates, 1, 0))
  return i32x4.extract_lane(i32x4.min_s(half, v128.shuffle<i32>(half, half, 1, 0, 3, 2)), 0)
}
