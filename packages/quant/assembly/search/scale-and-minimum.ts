// Search for the scale and the minimum of groups of unsigned levels, 16 groups at a time in four vectors: `make_qkx2_quants` and
// `make_qkx3_quants` (ggml-quants.c, llama.cpp v0.5.0). Each lane does the scalar steps in the scalar order.
// Final levels are not stored: they follow from the inverse scale and the base of the winning attempt (`searchedLevels`).
import { ROUNDING, roundings } from '../constants'
import { RECORD } from '../vectors'
import { BASE, begin, BEST_ERROR, choose, ERROR, finish, FIT, FITS, INVERSE, isTame, LEVEL, LEVEL_LEVEL, measure, prepareTwo, solve, staysInRange, TRIED_BASE, TRIED_SCALE, unsignedLevels, VALUE_LEVEL } from './fit'

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

/** Levels of the attempt, and their weighted sums, for two fits. */
function sumLevels(records: usize, run: usize, top: f32, fits: usize): void {
  if (staysInRange(fits, top) && staysInRange(fits + FIT, top)) sumLevelsLimited(records, run, fits, false, top)
  else if (isTame(fits) && isTame(fits + FIT)) sumLevelsLimited(records, run, fits, true, top)
  else {
    sumAnyLevels(records, records + run, top, fits)
    sumAnyLevels(records + run, records + 2 * run, top, fits + FIT)
  }
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
