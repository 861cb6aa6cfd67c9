// Search for the scales of groups whose levels must be points of a codebook, four groups at a time: the loops of
// `quantize_row_iq2_xxs_impl` and its kin (ggml-quants.c, llama.cpp v0.5.0). Levels and sums are computed one group per lane, in the scalar
// order; points are looked up lane by lane.
import { bookLevels, neighboursOf, numbersOf, pointOf } from '../books'
import { nearestInteger, RECORD } from '../vectors'
import { bestOfOddMultiples, bestOfThreeLevels } from './neighbours'

/** Which points are chosen once more against the best scale. */
export const REFINE_ALL = 0
export const REFINE_OFF_BOOK = 1
export const REFINE_ALL_IF_ANY_OFF_BOOK = 2

/** Where `searchCodebookScales` leaves the points of each lane's group, eight uint16 a lane. */
export const POINTS: usize = memory.data(64, 16)
const trialPoints: usize = memory.data(64, 16)

/** One uint32 a lane: a bit for each point that had to be moved into the book. */
const offBook: usize = memory.data(16, 16)
const trialOffBook: usize = memory.data(16, 16)

const indices: usize = memory.data(16, 16)
/** Sums of value times level and of squared levels, one lane per group. */
const sums: usize = memory.data(32, 16)

/**
 * Finds scales and points for four groups.
 *
 * @param records `count` records with magnitudes and weights (`turnRuns`).
 * @param magnitudes The same magnitudes group by group; `roots` the square roots of their weights.
 * @param range What the largest level stands for; lanes where it is not positive are left alone.
 * @param scale The result where no trial improves on nothing.
 * @returns The scales.
 */
export function searchCodebookScales(
  book: i32, records: usize, count: usize, magnitudes: usize, roots: usize,
  trials: i32, step: f32, refine: i32, range: v128, scale: v128,
): v128 {
  const top = numbersOf(book) == 8 ? 2 : 7
  const zero = f32x4.splat(0)
  const lanes = i32x4.bitmask(f32x4.gt(range, zero))
  const pointCount = count / numbersOf(book)
  const all = i32x4.splat((1 << <i32>pointCount) - 1)
  v128.store(offBook, refine == REFINE_ALL_IF_ANY_OFF_BOOK ? all : i32x4.splat(0))
  for (let lane: usize = 0; lane < 64; lane += 16) v128.store(POINTS + lane, i16x8.splat(<i16>pointOf(book, 0)))

  let best = zero
  for (let trial = -trials; trial <= trials; trial++) {
    const inverse = f32x4.div(f32x4.splat(<f32>(top * 2 + 1) + step * <f32>trial), range)
    choosePoints(book, records, count, magnitudes, roots, inverse, f32x4.div(f32x4.splat(1), inverse), lanes)
    sumLevels(book, records, count, trialPoints)
    const valueLevel = v128.load(sums)
    const levelLevel = v128.load(sums, 16)
    const larger = f32x4.gt(f32x4.mul(valueLevel, valueLevel), f32x4.mul(best, levelLevel))
    const better = v128.and(f32x4.gt(levelLevel, zero), larger)
    if (!v128.any_true(better)) continue
    scale = v128.bitselect(f32x4.div(valueLevel, levelLevel), scale, better)
    best = v128.bitselect(f32x4.mul(scale, valueLevel), best, better)
    keepPoints(i32x4.bitmask(better))
    v128.store(offBook, v128.bitselect(v128.load(trialOffBook), v128.load(offBook), better))
  }

  let again = v128.and(f32x4.gt(scale, zero), f32x4.gt(range, zero))
  if (refine != REFINE_ALL) again = v128.and(again, i32x4.ne(v128.load(offBook), i32x4.splat(0)))
  if (!v128.any_true(again)) return scale
  choosePoints(book, records, count, magnitudes, roots, f32x4.div(f32x4.splat(1), scale), scale, i32x4.bitmask(again))
  if (refine == REFINE_OFF_BOOK) restorePoints(i32x4.bitmask(again), pointCount)
  keepPoints(i32x4.bitmask(again))
  sumLevels(book, records, count, POINTS)
  const valueLevel = v128.load(sums)
  const levelLevel = v128.load(sums, 16)
  return v128.bitselect(f32x4.div(valueLevel, levelLevel), scale, v128.and(again, f32x4.gt(levelLevel, zero)))
}

/** Takes over the trial's points in some lanes. */
function keepPoints(lanes: i32): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    if ((lanes >> <i32>lane) & 1) v128.store(POINTS + lane * 16, v128.load(trialPoints + lane * 16))
  }
}

/** Puts the best trial's points back over the chosen ones where those were in the book. */
function restorePoints(lanes: i32, pointCount: usize): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    if (((lanes >> <i32>lane) & 1) == 0) continue
    for (let point: usize = 0; point < pointCount; point++) {
      if ((load<u32>(offBook + lane * 4) >> <u32>point) & 1) continue
      const at = lane * 16 + point * 2
      store<u16>(trialPoints + at, load<u16>(POINTS + at))
    }
  }
}

/** Rounds magnitudes to levels and finds the points, or the best neighbours, of some lanes; to `trialPoints` and `trialOffBook`. */
function choosePoints(book: i32, records: usize, count: usize, magnitudes: usize, roots: usize, inverse: v128, scale: v128, lanes: i32): void {
  const numbers = numbersOf(book)
  const top = numbers == 8 ? 2 : 7
  v128.store(trialOffBook, i32x4.splat(0))
  for (let point: usize = 0; point * numbers < count; point++) {
    v128.store(indices, numbers == 8 ? indicesOfEight(records, inverse) : indicesOfFour(records, inverse))
    for (let lane: usize = 0; lane < 4; lane++) {
      if (((lanes >> <i32>lane) & 1) == 0) continue
      const index = load<i32>(indices + lane * 4)
      let found = pointOf(book, index)
      if (found < 0) {
        const offset = (lane * count + point * numbers) * 4
        found = bestNeighbour(book, index, magnitudes + offset, roots + offset, laneOf(scale, lane))
        const off = trialOffBook + lane * 4
        store<u32>(off, load<u32>(off) | (1 << <u32>point))
      }
      store<u16>(trialPoints + lane * 16 + point * 2, <u16>found)
    }
    records += numbers * RECORD
  }
}

const spilled: usize = memory.data(16, 16)

// @ts-ignore: decorator
@inline
function laneOf(vector: v128, lane: usize): f32 {
  v128.store(spilled, vector)
  return load<f32>(spilled + lane * 4)
}

function bestNeighbour(book: i32, index: i32, magnitudes: usize, roots: usize, scale: f32): i32 {
  const list = neighboursOf(book, index)
  if (numbersOf(book) == 8) return bestOfThreeLevels(list, magnitudes, roots, scale, scale * 3, scale * 5)
  return bestOfOddMultiples(list, magnitudes, roots, scale)
}

/** The level 0 … top whose odd number 2 * level + 1 is nearest to the magnitude over its scale. */
// @ts-ignore: decorator
@inline
function levelsOf(record: usize, inverse: v128, top: i32): v128 {
  const halved = f32x4.mul(f32x4.splat(0.5), f32x4.sub(f32x4.mul(inverse, v128.load(record)), f32x4.splat(1)))
  return i32x4.min_s(i32x4.max_s(nearestInteger(halved), i32x4.splat(0)), i32x4.splat(top))
}

/** The indices, to base 3, of the levels of eight numbers. */
// @ts-ignore: decorator
@inline
function indicesOfEight(records: usize, inverse: v128): v128 {
  let index = levelsOf(records + 7 * RECORD, inverse, 2)
  for (let number: usize = 7; number > 0; number--) {
    index = i32x4.add(i32x4.add(index, i32x4.add(index, index)), levelsOf(records + (number - 1) * RECORD, inverse, 2))
  }
  return index
}

/** The indices, to base 8, of the levels of four numbers. */
// @ts-ignore: decorator
@inline
function indicesOfFour(records: usize, inverse: v128): v128 {
  let index = levelsOf(records + 3 * RECORD, inverse, 7)
  for (let number: usize = 3; number > 0; number--) {
    index = v128.or(i32x4.shl(index, 3), levelsOf(records + (number - 1) * RECORD, inverse, 7))
  }
  return index
}

/** Weighted sums over the groups, in order, with the levels of the given points. */
function sumLevels(book: i32, records: usize, count: usize, points: usize): void {
  const levels = bookLevels(book)
  const end = records + count * RECORD
  if (numbersOf(book) == 8) {
    for (let at = records; at < end; at += 8 * RECORD) {
      const ab = v128.load64_lane(levels + <usize>load<u16>(points, 16) * 8, v128.load64_zero(levels + <usize>load<u16>(points) * 8), 1)
      const cd = v128.load64_lane(levels + <usize>load<u16>(points, 48) * 8, v128.load64_zero(levels + <usize>load<u16>(points, 32) * 8), 1)
      storeFour(at, v128.shuffle<i8>(ab, cd, 0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27))
      storeFour(at + 4 * RECORD, v128.shuffle<i8>(ab, cd, 4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31))
      points += 2
    }
  } else {
    for (let at = records; at < end; at += 4 * RECORD) {
      let four = v128.load32_zero(levels + <usize>load<u16>(points) * 4)
      four = v128.load32_lane(levels + <usize>load<u16>(points, 16) * 4, four, 1)
      four = v128.load32_lane(levels + <usize>load<u16>(points, 32) * 4, four, 2)
      four = v128.load32_lane(levels + <usize>load<u16>(points, 48) * 4, four, 3)
      storeFour(at, v128.shuffle<i8>(four, four, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15))
      points += 2
    }
  }
  let valueLevel = f32x4.splat(0)
  let levelLevel = f32x4.splat(0)
  for (; records < end; records += RECORD) {
    const weight = v128.load(records, 16)
    const level = v128.load(records, 32)
    valueLevel = f32x4.add(valueLevel, f32x4.mul(f32x4.mul(weight, v128.load(records)), level))
    levelLevel = f32x4.add(levelLevel, f32x4.mul(f32x4.mul(weight, level), level))
  }
  v128.store(sums, valueLevel)
  v128.store(sums, levelLevel, 16)
}

/** Stores odd numbers 2 * level + 1 to four records; `levels` holds, number by number, the levels of the four lanes. */
// @ts-ignore: decorator
@inline
function storeFour(records: usize, levels: v128): void {
  const odd = i8x16.add(i8x16.add(levels, levels), i8x16.splat(1))
  const low = i16x8.extend_low_i8x16_u(odd)
  const high = i16x8.extend_high_i8x16_u(odd)
  v128.store(records, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low)), 32)
  v128.store(records, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low)), RECORD + 32)
  v128.store(records, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high)), 2 * RECORD + 32)
  v128.store(records, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high)), 3 * RECORD + 32)
}
