// A fit of four groups, one per lane: what the search for scales and minimums (`scale-and-minimum.ts`) knows of them between its loops,
// and the steps that need no loop over levels. `make_qkx2_quants` and `make_qkx3_quants` (ggml-quants.c, llama.cpp v0.5.0).
import { nearestInteger, packSigned, RECORD } from '../vectors'

// What a fit of four groups holds, one vector each. The first four are results.
/** The scale; 0 for a group of equal numbers. */
export const SCALE: usize = 0
/** The minimum, which is never positive, with its sign changed. */
export const MINIMUM: usize = 16
/** `level = round(BEST_INVERSE * (x - BEST_BASE))`, limited to the range, are the levels that belong to the result. */
export const BEST_INVERSE: usize = 32
export const BEST_BASE: usize = 48
/** The minimum so far, with its own sign: where level 0 of the next attempt lies. */
export const BASE: usize = 64
export const BEST_ERROR: usize = 80
export const SMALLEST: usize = 96
export const LARGEST: usize = 112
/** All bits set where the numbers of a group are not all equal. */
export const VARIED: usize = 128
/** The sum of the group's weights. */
export const WEIGHT: usize = 144
/** The weighted sum of the group's values. */
export const VALUE: usize = 160
/** The inverse scale of the attempt in hand; what follows is its as well: weighted sums, solution, error. */
export const INVERSE: usize = 176
export const LEVEL: usize = 192
export const LEVEL_LEVEL: usize = 208
export const VALUE_LEVEL: usize = 224
export const TRIED_SCALE: usize = 240
export const TRIED_BASE: usize = 256
export const ERROR: usize = 272

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

/** Extremes and weighted sums of four groups. */
export function measure(records: usize, run: usize, fit: usize): void {
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
export function prepare(fit: usize, range: f32): void {
  const width = f32x4.sub(v128.load(fit + LARGEST), v128.load(fit + BASE))
  v128.store(fit + INVERSE, v128.and(f32x4.div(f32x4.splat(range), width), v128.load(fit + VARIED)))
}

// @ts-ignore: decorator
@inline
export function prepareTwo(fits: usize, range: f32): void {
  prepare(fits, range)
  prepare(fits + FIT, range)
}

/** Where the extreme numbers of four groups come to lie, in levels; NaN where an inverse or a difference has overflowed. */
// @ts-ignore: decorator
@inline
export function reachOf(fit: usize, extreme: usize): v128 {
  return f32x4.mul(v128.load(fit + INVERSE), f32x4.sub(v128.load(fit + extreme), v128.load(fit + BASE)))
}

/** Whether every number of the groups rounds to a level 0 … top, so that nothing needs limiting. A negative inverse turns the order around. */
// @ts-ignore: decorator
@inline
export function staysInRange(fit: usize, top: f32): bool {
  const ordered = f32x4.ge(v128.load(fit + INVERSE), f32x4.splat(0))
  const low = f32x4.ge(reachOf(fit, SMALLEST), f32x4.splat(-0.5))
  const high = f32x4.lt(reachOf(fit, LARGEST), f32x4.splat(top + 0.5))
  return i32x4.all_true(v128.and(ordered, v128.and(low, high)))
}

/** Whether no number of the groups comes to `TAME` levels. */
// @ts-ignore: decorator
@inline
export function isTame(fit: usize): bool {
  const low = f32x4.le(f32x4.abs(reachOf(fit, SMALLEST)), f32x4.splat(TAME))
  const high = f32x4.le(f32x4.abs(reachOf(fit, LARGEST)), f32x4.splat(TAME))
  return i32x4.all_true(v128.and(low, high))
}

/** Levels 0 … top of four numbers, for any inverse and base. */
// @ts-ignore: decorator
@inline
export function unsignedLevels(values: v128, inverse: v128, base: v128, top: i32): v128 {
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

/** Starts from the scale that spreads the whole range over the levels. */
export function begin(fit: usize): void {
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
export function solve(fit: usize): void {
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
export function choose(fit: usize): void {
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
export function finish(fit: usize): void {
  v128.store(fit + MINIMUM, f32x4.neg(v128.load(fit + BASE)))
}
