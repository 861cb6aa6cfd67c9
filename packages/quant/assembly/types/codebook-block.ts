// What the encoders of IQ2 and IQ3 share: 256 numbers split into signs and magnitudes, and the search for points and scales group by group.
// `quantize_row_iq2_xxs_impl` and its kin (ggml-quants.c, llama.cpp v0.5.0). How points, signs and scales are packed is each type's own.
import { numbersOf } from '../books'
import { RECORDS } from '../scratch'
import { POINTS, searchCodebookScales } from '../search/codebook-scale'
import { searchPositiveScales } from '../search/positive-scale'
import { nearestInteger, RECORD, turnRuns } from '../vectors'
import { sumOfSquares } from '../weights'
import { evenSigns } from './signs'

const magnitudes: usize = memory.data(1024, 16)
/** The weights of a block, in order. */
export const BLOCK_WEIGHTS: usize = memory.data(1024, 16)
const roots: usize = memory.data(1024, 16)

/** The points of the block, uint16, in order; 0 in groups stored as zeros. */
export const BLOCK_POINTS: usize = memory.data(128, 16)
/** Sign bits of each eight numbers; with even parity only the low seven count. */
export const BLOCK_SIGNS: usize = memory.data(32, 16)
/** The scale of each group. */
export const BLOCK_SCALES: usize = memory.data(64, 16)
/** 1 for each group that is not all zeros. */
export const IS_STORED: usize = memory.data(16, 16)

/** Weights of a block's numbers, from `importance` or, where that is 0, `offset` of the spread plus the number's square. */
export function setWeights(source: usize, importance: usize, spread: f32, offset: f32): void {
  const spreads = f32x4.splat(spread)
  const offsets = f32x4.splat(offset == 0 ? 0 : offset * spread)
  for (let at: usize = 0; at < 1024; at += 16) {
    const value = v128.load(source + at)
    const square = f32x4.mul(value, value)
    let weight = f32x4.add(offsets, square)
    if (importance != 0) weight = f32x4.mul(v128.load(importance + at), f32x4.sqrt(f32x4.add(spreads, square)))
    v128.store(BLOCK_WEIGHTS + at, weight)
    v128.store(roots + at, f32x4.sqrt(weight))
  }
}

/** Splits off all eight signs of each eight numbers. */
export function splitFreeSigns(source: usize): void {
  for (let eight: usize = 0; eight < 32; eight++) splitSigns(source + eight * 32, eight)
}

/** Splits off seven signs of each eight numbers: the one that matters least changes its sign where their number would be odd. */
export function splitEvenSigns(source: usize): void {
  for (let eight: usize = 0; eight < 32; eight++) {
    const bits = splitSigns(source + eight * 32, eight)
    if (evenSigns(bits & 127) == bits) continue
    const least = leastImportant(source + eight * 32, eight)
    const at = magnitudes + eight * 32 + least * 4
    store<f32>(at, -load<f32>(at))
    store<u8>(BLOCK_SIGNS + eight, <u8>(bits ^ (1 << least)))
  }
}

// @ts-ignore: decorator
@inline
function splitSigns(source: usize, eight: usize): u32 {
  const low = v128.load(source)
  const high = v128.load(source, 16)
  v128.store(magnitudes + eight * 32, f32x4.abs(low))
  v128.store(magnitudes + eight * 32, f32x4.abs(high), 16)
  const zero = f32x4.splat(0)
  const bits = i32x4.bitmask(f32x4.lt(low, zero)) | (i32x4.bitmask(f32x4.lt(high, zero)) << 4)
  store<u8>(BLOCK_SIGNS + eight, <u8>bits)
  return bits
}

/** Which of eight numbers has the least weighted square, the first of equals. */
function leastImportant(source: usize, eight: usize): u32 {
  let least: u32 = 0
  let smallest: f32 = Infinity
  for (let number: u32 = 0; number < 8; number++) {
    const value = load<f32>(source + number * 4)
    const square: f32 = load<f32>(BLOCK_WEIGHTS + eight * 32 + number * 4) * value * value
    if (square < smallest) {
      least = number
      smallest = square
    }
  }
  return least
}

/**
 * Finds the points and scales of all groups of a block whose weights and signs are set.
 *
 * @param zeroBelow Groups whose largest magnitude is below this are stored as zeros.
 * @param isFitted Whether the range of the search comes from a fit with one level more, instead of the largest magnitude.
 * @returns The largest scale; 0 when all groups are stored as zeros.
 */
export function searchBlock(book: i32, groupSize: usize, zeroBelow: f32, isFitted: bool, trials: i32, step: f32, refine: i32): f32 {
  const top = numbersOf(book) == 8 ? 2 : 7
  const zero = f32x4.splat(0)
  let largestScale: f32 = 0
  for (let first: usize = 0; first < 256; first += 4 * groupSize) {
    turnRuns(magnitudes + first * 4, <i32>groupSize, RECORDS)
    turnRuns(BLOCK_WEIGHTS + first * 4, <i32>groupSize, RECORDS + 16)
    let largest = v128.load(RECORDS)
    for (let number: usize = 1; number < groupSize; number++) largest = f32x4.pmax(largest, v128.load(RECORDS + number * RECORD))
    const filled = v128.and(f32x4.ge(largest, f32x4.splat(zeroBelow)), f32x4.ne(largest, zero))
    let range = largest
    let scale = f32x4.div(largest, f32x4.splat(<f32>(top * 2 + 1)))
    if (isFitted) {
      scale = searchPositiveScales(RECORDS, <i32>groupSize, top + 2)
      range = f32x4.mul(scale, f32x4.splat(<f32>(top + 1)))
    }
    // A range of NaN, from weights that have overflowed, is no reason for zeros: it ends as a scale of NaN, which the caller reports.
    const stored = v128.andnot(filled, f32x4.le(range, zero))
    range = v128.and(range, stored)
    const scales = searchCodebookScales(book, RECORDS, groupSize, magnitudes + first * 4, roots + first * 4, trials, step, refine, range, scale)
    v128.store(BLOCK_SCALES + (first / groupSize) * 4, v128.and(scales, stored))
    for (let lane: usize = 0; lane < 4; lane++) {
      const group = first / groupSize + lane
      const isStored = ((i32x4.bitmask(stored) >> <i32>lane) & 1) != 0
      largestScale = max(largestScale, keepGroup(group, groupSize, numbersOf(book), lane, isStored))
    }
  }
  return largestScale
}

/** Keeps what was found for a group, turning its signs round where the scale is negative. @returns Its scale, positive. */
function keepGroup(group: usize, groupSize: usize, numbers: usize, lane: usize, isStored: bool): f32 {
  const pointBytes = (groupSize / numbers) * 2
  const points = BLOCK_POINTS + group * pointBytes
  const signs = BLOCK_SIGNS + (group * groupSize) / 8
  store<u8>(IS_STORED + group, isStored ? 1 : 0)
  if (!isStored) {
    memory.fill(points, 0, pointBytes)
    memory.fill(signs, 0, groupSize / 8)
    return 0
  }
  memory.copy(points, POINTS + lane * 16, pointBytes)
  const scale = load<f32>(BLOCK_SCALES + group * 4)
  if (scale < 0) {
    store<f32>(BLOCK_SCALES + group * 4, -scale)
    for (let eight: usize = 0; eight < groupSize / 8; eight++) store<u8>(signs + eight, ~load<u8>(signs + eight))
  }
  return abs(scale)
}

/** The mean square of a block's numbers, times a factor. */
// @ts-ignore: decorator
@inline
export function spreadOf(source: usize, factor: f32): f32 {
  return (factor * sumOfSquares(source, 256)) / 256
}

/** A scale as the number s, 0 … largest, that stands for 2 * s + 1 units. */
export function oddStep(scale: f32, inverseUnit: f32, largest: i32): u32 {
  const halved: f32 = 0.5 * (inverseUnit * scale - 1)
  return max(0, min(largest, i32x4.extract_lane(nearestInteger(f32x4.splat(halved)), 0)))
}
