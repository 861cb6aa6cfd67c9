// Search for the scale and the minimum of groups of unsigned levels, 16 groups at a time in four vectors: `make_qkx2_quants` and
// `make_qkx3_quants` (ggml-quants.c, llama.cpp v0.5.0). Each lane does the scalar steps in the scalar order.
// Final levels are not stored: they follow from the inverse scale and the base of the winning attempt (`unsignedLevels`).
import { ROUNDING, roundings } from '../constants'
import { nearestInteger, packSigned, RECORD } from '../vectors'

// What a fit of four groups holds, one vector each. The first four are results.
/** The scale; 0 for a group of equal numbers. */
export const SCALE: usize = 0
/** The minimum, which is never positive, with its sign changed. */
export const MINIMUM: usize = 16
/** `level = round(BEST_INVERSE * (x - BEST_BASE))`, limited to the range, are the levels that belong to the result. */
const BEST_INVERSE: usize = 32
const BEST_BASE: usize = 48
const BASE: usize = 64
const BEST_ERROR: usize = 80
const SMALLEST: usize = 96
const LARGEST: usize = 112
const VARIED: usize = 128
/** The sum of the group's weights. */
export const WEIGHT: usize = 144
const VALUE: usize = 160
const INVERSE: usize = 176
const LEVEL: usize = 192
const LEVEL_LEVEL: usize = 208
const VALUE_LEVEL: usize = 224
const TRIED_SCALE: usize = 240
const TRIED_BASE: usize = 256
const ERROR: usize = 272
/** Beyond so many levels `nearest_int` gives leftover bits. */
const TAME: f32 = 4194303

/** Bytes of a fit. */
export const FIT: usize = 288

/** Where `searchScalesAndMinimums` leaves its four fits. */
export const FITS: usize = memory.data(1152, 16)

/** The address of `SCALE` and its like for one of the 16 groups: a vector's lane. */
// @ts-ignore: decorator
@inline
export function fitOf(group: i32): usize {
  return FITS + <usize>(group >> 2) * FIT + (group & 3) * 4
}

/**
 * Fits 16 groups, four to a fit. The work goes in steps over two pairs of fits, so that while one pair waits for its divisions the other
 * keeps the adders busy.
 *
 * @param records Four runs of `count` records with values and weights (`turnRuns`), or two.
 * @param runs How many: 4 or 2.
 * @param top Levels are 0 … top.
 * @param first The range of the first attempt, in levels beyond `top`; each further one adds `step`, up to `attempts` times.
 * @param absolute Whether the error is the weighted sum of magnitudes instead of squares.
 */
export function searchScalesAndMinimums(
  records: usize, count: i32, runs: i32, top: f32, first: f32, step: f32, attempts: i32, absolute: bool,
): void {
  const run = <usize>count * RECORD
  const others = records + 2 * run
  const otherFits = FITS + 2 * FIT
  const both = runs == 4
  start(records, run, top, FITS, absolute)
  prepareTwo(FITS, first + top)
  if (both) {
    start(others, run, top, otherFits, absolute)
    prepareTwo(otherFits, first + top)
  }
  for (let attempt = 0; attempt <= attempts; attempt++) {
    const nextRange = first + step * <f32>(attempt + 1) + top
    sumLevels(records, run, top, FITS)
    solve(FITS)
    solve(FITS + FIT)
    if (both) {
      sumLevels(others, run, top, otherFits)
      solve(otherFits)
      solve(otherFits + FIT)
    }
    sumErrors(records, run, FITS, absolute)
    choose(FITS)
    choose(FITS + FIT)
    prepareTwo(FITS, nextRange)
    if (both) {
      sumErrors(others, run, otherFits, absolute)
      choose(otherFits)
      choose(otherFits + FIT)
      prepareTwo(otherFits, nextRange)
    }
  }
  for (let fit: usize = 0; fit < <usize>runs; fit++) finish(FITS + fit * FIT)
}

/** Measures the groups of a pair of fits and takes the plain scale as the best so far. */
function start(records: usize, run: usize, top: f32, fits: usize, absolute: bool): void {
  measure(records, run, fits)
  measure(records + run, run, fits + FIT)
  prepareTwo(fits, top)
  sumLevels(records, run, top, fits)
  begin(fits)
  begin(fits + FIT)
  sumErrors(records, run, fits, absolute)
  v128.store(fits + BEST_ERROR, v128.load(fits + ERROR))
  v128.store(fits + FIT + BEST_ERROR, v128.load(fits + FIT + ERROR))
}

/** Extremes and weighted sums of four groups. */
function measure(records: usize, run: usize, fit: usize): void {
  const end = records + run
  let smallest = v128.load(records)
  let largest = smallest
  let weightSum = v128.load(records, 16)
  let valueSum = f32x4.mul(weightSum, smallest)
  for (let at = records + RECORD; at < end; at += RECORD) {
    const value = v128.load(at)
    const weight = v128.load(at, 16)
    smallest = f32x4.pmin(smallest, value)
    largest = f32x4.pmax(largest, value)
    weightSum = f32x4.add(weightSum, weight)
    valueSum = f32x4.add(valueSum, f32x4.mul(weight, value))
  }
  const base = f32x4.pmin(smallest, f32x4.splat(0))
  v128.store(fit + SMALLEST, smallest)
  v128.store(fit + LARGEST, largest)
  v128.store(fit + BASE, base)
  v128.store(fit + VARIED, f32x4.ne(largest, base))
  v128.store(fit + WEIGHT, weightSum)
  v128.store(fit + VALUE, valueSum)
}

/** The inverse scale that spreads base … largest over `range` levels; 0 for groups of equal numbers. */
// @ts-ignore: decorator
@inline
function prepare(fit: usize, range: f32): void {
  const width = f32x4.sub(v128.load(fit + LARGEST), v128.load(fit + BASE))
  v128.store(fit + INVERSE, v128.and(f32x4.div(f32x4.splat(range), width), v128.load(fit + VARIED)))
}

// @ts-ignore: decorator
@inline
function prepareTwo(fits: usize, range: f32): void {
  prepare(fits, range)
  prepare(fits + FIT, range)
}

/** Levels of the attempt, and their weighted sums, for two fits. */
function sumLevels(records: usize, run: usize, top: f32, fits: usize): void {
  if (staysInRange(fits, top) && staysInRange(fits + FIT, top)) sumLevelsLimited(records, run, fits, false, top)
  else if (isTame(fits) && isTame(fits + FIT)) sumLevelsLimited(records, run, fits, true, top)
  else {
    sumAnyLevels(records, records + run, top, fits)
    sumAnyLevels(records + run, records + 2 * run, top, fits + FIT)
  }
}

/** Where the extreme numbers of four groups come to lie, in levels; NaN where an inverse or a difference has overflowed. */
// @ts-ignore: decorator
@inline
function reachOf(fit: usize, extreme: usize): v128 {
  return f32x4.mul(v128.load(fit + INVERSE), f32x4.sub(v128.load(fit + extreme), v128.load(fit + BASE)))
}

/** Whether every number of the groups rounds to a level 0 … top, so that nothing needs limiting. A negative inverse turns the order around. */
// @ts-ignore: decorator
@inline
function staysInRange(fit: usize, top: f32): bool {
  const ordered = f32x4.ge(v128.load(fit + INVERSE), f32x4.splat(0))
  const low = f32x4.ge(reachOf(fit, SMALLEST), f32x4.splat(-0.5))
  const high = f32x4.lt(reachOf(fit, LARGEST), f32x4.splat(top + 0.5))
  return i32x4.all_true(v128.and(ordered, v128.and(low, high)))
}

/** Whether no number of the groups comes to `TAME` levels. */
// @ts-ignore: decorator
@inline
function isTame(fit: usize): bool {
  const low = f32x4.le(f32x4.abs(reachOf(fit, SMALLEST)), f32x4.splat(TAME))
  const high = f32x4.le(f32x4.abs(reachOf(fit, LARGEST)), f32x4.splat(TAME))
  return i32x4.all_true(v128.and(low, high))
}

/** The sums of tame groups: there adding `ROUNDING` is all of `nearest_int`. */
// @ts-ignore: decorator
@inline
function sumLevelsLimited(records: usize, run: usize, fits: usize, limited: bool, top: f32): void {
  const end = records + run
  const rounding = roundings()
  const highest = f32x4.splat(ROUNDING + top)
  const inverseA = v128.load(fits + INVERSE)
  const inverseB = v128.load(fits + FIT + INVERSE)
  const baseA = v128.load(fits + BASE)
  const baseB = v128.load(fits + FIT + BASE)
  let levelA = f32x4.splat(0)
  let levelB = levelA
  let levelLevelA = levelA
  let levelLevelB = levelA
  let valueLevelA = levelA
  let valueLevelB = levelA
  for (; records < end; records += RECORD) {
    const valueA = v128.load(records)
    let roundedA = f32x4.add(f32x4.mul(inverseA, f32x4.sub(valueA, baseA)), rounding)
    // Positive floats are in the order of their bits, and the integer units are idle.
    if (limited) roundedA = i32x4.min_s(i32x4.max_s(roundedA, rounding), highest)
    const a = f32x4.sub(roundedA, rounding)
    v128.store(records, a, 32)
    const weightedA = f32x4.mul(v128.load(records, 16), a)
    levelA = f32x4.add(levelA, weightedA)
    levelLevelA = f32x4.add(levelLevelA, f32x4.mul(weightedA, a))
    valueLevelA = f32x4.add(valueLevelA, f32x4.mul(weightedA, valueA))

    const other = records + run
    const valueB = v128.load(other)
    let roundedB = f32x4.add(f32x4.mul(inverseB, f32x4.sub(valueB, baseB)), rounding)
    if (limited) roundedB = i32x4.min_s(i32x4.max_s(roundedB, rounding), highest)
    const b = f32x4.sub(roundedB, rounding)
    v128.store(other, b, 32)
    const weightedB = f32x4.mul(v128.load(other, 16), b)
    levelB = f32x4.add(levelB, weightedB)
    levelLevelB = f32x4.add(levelLevelB, f32x4.mul(weightedB, b))
    valueLevelB = f32x4.add(valueLevelB, f32x4.mul(weightedB, valueB))
  }
  v128.store(fits + LEVEL, levelA)
  v128.store(fits + LEVEL_LEVEL, levelLevelA)
  v128.store(fits + VALUE_LEVEL, valueLevelA)
  v128.store(fits + FIT + LEVEL, levelB)
  v128.store(fits + FIT + LEVEL_LEVEL, levelLevelB)
  v128.store(fits + FIT + VALUE_LEVEL, valueLevelB)
}

/** The same for any numbers; hardly ever called. */
function sumAnyLevels(records: usize, end: usize, top: f32, fit: usize): void {
  const inverse = v128.load(fit + INVERSE)
  const base = v128.load(fit + BASE)
  let levelSum = f32x4.splat(0)
  let levelLevel = levelSum
  let valueLevel = levelSum
  for (; records < end; records += RECORD) {
    const value = v128.load(records)
    const level = f32x4.convert_i32x4_s(unsignedLevels(value, inverse, base, <i32>top))
    v128.store(records, level, 32)
    const weighted = f32x4.mul(v128.load(records, 16), level)
    levelSum = f32x4.add(levelSum, weighted)
    levelLevel = f32x4.add(levelLevel, f32x4.mul(weighted, level))
    valueLevel = f32x4.add(valueLevel, f32x4.mul(weighted, value))
  }
  v128.store(fit + LEVEL, levelSum)
  v128.store(fit + LEVEL_LEVEL, levelLevel)
  v128.store(fit + VALUE_LEVEL, valueLevel)
}

/** Levels 0 … top of four numbers, for any inverse and base. */
// @ts-ignore: decorator
@inline
function unsignedLevels(values: v128, inverse: v128, base: v128, top: i32): v128 {
  const level = nearestInteger(f32x4.mul(inverse, f32x4.sub(values, base)))
  return i32x4.min_s(i32x4.max_s(level, i32x4.splat(0)), i32x4.splat(top))
}

/** The levels that belong to the result, of 16 numbers of one group (`fitOf`), as bytes. */
export function searchedLevels(source: usize, fit: usize, top: i32): v128 {
  const inverse = f32x4.splat(load<f32>(fit + BEST_INVERSE))
  const base = f32x4.splat(load<f32>(fit + BEST_BASE))
  const a = unsignedLevels(v128.load(source), inverse, base, top)
  const b = unsignedLevels(v128.load(source, 16), inverse, base, top)
  const c = unsignedLevels(v128.load(source, 32), inverse, base, top)
  const d = unsignedLevels(v128.load(source, 48), inverse, base, top)
  return packSigned(a, b, c, d)
}

/** The weighted errors of the tried scales and bases with the levels of the attempt, for two fits. */
function sumErrors(records: usize, run: usize, fits: usize, absolute: bool): void {
  const end = records + run
  const scaleA = v128.load(fits + TRIED_SCALE)
  const baseA = v128.load(fits + TRIED_BASE)
  const scaleB = v128.load(fits + FIT + TRIED_SCALE)
  const baseB = v128.load(fits + FIT + TRIED_BASE)
  let errorA = f32x4.splat(0)
  let errorB = errorA
  if (absolute) {
    for (; records < end; records += RECORD) {
      const a = f32x4.sub(f32x4.add(f32x4.mul(scaleA, v128.load(records, 32)), baseA), v128.load(records))
      errorA = f32x4.add(errorA, f32x4.mul(v128.load(records, 16), f32x4.abs(a)))
      const other = records + run
      const b = f32x4.sub(f32x4.add(f32x4.mul(scaleB, v128.load(other, 32)), baseB), v128.load(other))
      errorB = f32x4.add(errorB, f32x4.mul(v128.load(other, 16), f32x4.abs(b)))
    }
  } else {
    for (; records < end; records += RECORD) {
      const a = f32x4.sub(f32x4.add(f32x4.mul(scaleA, v128.load(records, 32)), baseA), v128.load(records))
      errorA = f32x4.add(errorA, f32x4.mul(v128.load(records, 16), f32x4.mul(a, a)))
      const other = records + run
      const b = f32x4.sub(f32x4.add(f32x4.mul(scaleB, v128.load(other, 32)), baseB), v128.load(other))
      errorB = f32x4.add(errorB, f32x4.mul(v128.load(other, 16), f32x4.mul(b, b)))
    }
  }
  v128.store(fits + ERROR, errorA)
  v128.store(fits + FIT + ERROR, errorB)
}

/** Starts from the scale that spreads the whole range over the levels. */
function begin(fit: usize): void {
  const inverse = v128.load(fit + INVERSE)
  const base = v128.load(fit + BASE)
  const scale = v128.and(f32x4.div(f32x4.splat(1), inverse), v128.load(fit + VARIED))
  v128.store(fit + SCALE, scale)
  v128.store(fit + BEST_INVERSE, inverse)
  v128.store(fit + BEST_BASE, base)
  v128.store(fit + TRIED_SCALE, scale)
  v128.store(fit + TRIED_BASE, base)
}

/** The least-squares scale and base for the levels of the attempt; NaN where they are all equal, so that `choose` passes them over. */
// @ts-ignore: decorator
@inline
function solve(fit: usize): void {
  const weight = v128.load(fit + WEIGHT)
  const value = v128.load(fit + VALUE)
  const level = v128.load(fit + LEVEL)
  const levelLevel = v128.load(fit + LEVEL_LEVEL)
  const valueLevel = v128.load(fit + VALUE_LEVEL)
  const determinant = f32x4.sub(f32x4.mul(weight, levelLevel), f32x4.mul(level, level))
  const scale = f32x4.div(f32x4.sub(f32x4.mul(weight, valueLevel), f32x4.mul(value, level)), determinant)
  const base = f32x4.div(f32x4.sub(f32x4.mul(levelLevel, value), f32x4.mul(level, valueLevel)), determinant)
  const positive = f32x4.gt(base, f32x4.splat(0))
  const solved = v128.any_true(positive) ? v128.bitselect(f32x4.div(valueLevel, levelLevel), scale, positive) : scale
  const unsolvable = v128.not(f32x4.gt(determinant, f32x4.splat(0)))
  v128.store(fit + TRIED_SCALE, v128.or(solved, unsolvable))
  v128.store(fit + TRIED_BASE, v128.andnot(base, positive))
}

/** Takes the attempt over in the lanes where its error is smaller. */
// @ts-ignore: decorator
@inline
function choose(fit: usize): void {
  const error = v128.load(fit + ERROR)
  const bestError = v128.load(fit + BEST_ERROR)
  const better = f32x4.lt(error, bestError)
  const base = v128.load(fit + BASE)
  v128.store(fit + BEST_ERROR, v128.bitselect(error, bestError, better))
  v128.store(fit + SCALE, v128.bitselect(v128.load(fit + TRIED_SCALE), v128.load(fit + SCALE), better))
  v128.store(fit + BEST_INVERSE, v128.bitselect(v128.load(fit + INVERSE), v128.load(fit + BEST_INVERSE), better))
  v128.store(fit + BEST_BASE, v128.bitselect(base, v128.load(fit + BEST_BASE), better))
  v128.store(fit + BASE, v128.bitselect(v128.load(fit + TRIED_BASE), base, better))
}

// @ts-ignore: decorator
@inline
function finish(fit: usize): void {
  v128.store(fit + MINIMUM, f32x4.neg(v128.load(fit + BASE)))
}
