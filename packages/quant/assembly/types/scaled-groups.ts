// What Q4_K and Q5_K share: 256 numbers in 8 groups of 32, each with a 6-bit scale and a 6-bit minimum over two halves.
// `quantize_row_q4_K_ref`, `quantize_row_q4_K_impl` and their Q5_K twins (ggml-quants.c, llama.cpp v0.5.0).
import { storeHalf } from '../floats'
import { LEVELS, RECORDS } from '../scratch'
import { minimumFactor, minimumStep, scaleFactor, scaleStep, searchFactors, setFactors } from '../search/factors'
import { fitOf, MINIMUM, SCALE, searchedLevels } from '../search/fit'
import { searchScalesAndMinimums } from '../search/scale-and-minimum'
import { nearestStep, RECORD, sixteenLevels, turnRuns } from '../vectors'
import { setMagnitudeWeights, spreadWeights, sumOfSquares } from '../weights'

/** Bytes of the records of four groups. */
const RUN: usize = 32 * RECORD

/** One byte per group: scales, then minimums, 0 … 63. */
const steps: usize = memory.data(16, 16)

/**
 * Searches the groups of one or two blocks, whose weights grow with the magnitude of the number.
 * @param first, attempts As in `searchScalesAndMinimums`.
 */
export function searchGroups(source: usize, blocks: i32, top: f32, first: f32, attempts: i32): void {
  for (let run: usize = 0; run < <usize>blocks * 2; run++) {
    const records = RECORDS + run * RUN
    turnRuns(source + run * 512, 32, records)
    setMagnitudeWeights(records, 32)
  }
  searchScalesAndMinimums(RECORDS, 32, blocks * 2, top, first, 0.1, attempts, false)
}

/** Stores a searched block's halves and steps, and its levels 0 … `top` as bytes to `LEVELS`. */
export function finishBlock(source: usize, destination: usize, block: i32, top: u8): void {
  let largestScale: f32 = 0
  let largestMinimum: f32 = 0
  for (let group = 0; group < 8; group++) {
    const fit = fitOf(block * 8 + group)
    largestScale = max(largestScale, load<f32>(fit + SCALE))
    largestMinimum = max(largestMinimum, load<f32>(fit + MINIMUM))
  }
  const inverseScale: f32 = largestScale > 0 ? 63 / largestScale : 0
  const inverseMinimum: f32 = largestMinimum > 0 ? 63 / largestMinimum : 0
  for (let group = 0; group < 8; group++) {
    const fit = fitOf(block * 8 + group)
    store<u8>(steps + group, min(63, nearestStep(inverseScale * load<f32>(fit + SCALE))))
    store<u8>(steps + 8 + group, min(63, nearestStep(inverseMinimum * load<f32>(fit + MINIMUM))))
  }
  storeBlock(source, destination, block, largestScale / 63, largestMinimum / 63, top)
}

/** Searches the groups of one or two blocks with an importance per number, and then their scales and minimums. */
export function searchWeightedGroups(source: usize, blocks: i32, importance: usize, top: f32): void {
  for (let block: usize = 0; block < <usize>blocks; block++) {
    const spread = f32x4.splat((2 * sumOfSquares(source, 256)) / 256)
    for (let half: usize = 0; half < 2; half++) {
      const records = RECORDS + (block * 2 + half) * RUN
      turnRuns(source + half * 512, 32, records)
      turnRuns(importance + half * 512, 32, records + 16)
      spreadWeights(records, 32, spread)
    }
    source += 1024
    importance += 1024
  }
  searchScalesAndMinimums(RECORDS, 32, blocks * 2, top, -0.9, 0.05, 36, false)
  for (let block = 0; block < blocks; block++) {
    for (let group = 0; group < 8; group++) setFactors(block, group, fitOf(block * 8 + group))
  }
  searchFactors(8, 63)
}

/**
 * Stores a block after `searchWeightedGroups`.
 * @param highestStep Where ggml limits steps: a negative scale, possible where most weights are zero, is a byte above 63.
 */
export function finishWeightedBlock(source: usize, destination: usize, block: i32, top: u8, highestStep: u8): void {
  for (let group = 0; group < 8; group++) {
    store<u8>(steps + group, min(highestStep, scaleStep(block, group)))
    store<u8>(steps + 8 + group, min(highestStep, minimumStep(block, group)))
  }
  storeBlock(source, destination, block, scaleFactor(block), minimumFactor(block), top)
}

// @ts-ignore: decorator
@inline
function storeBlock(source: usize, destination: usize, block: i32, scale: f32, minimum: f32, top: u8): void {
  const storedScale = storeHalf(destination, scale)
  const storedMinimum = storeHalf(destination + 2, minimum)
  packSteps(destination + 4)
  unpackSteps(destination + 4) // steps above 63 have run into others
  for (let group = 0; group < 8; group++) {
    const groupScale: f32 = storedScale * stepOf(group)
    const groupMinimum: f32 = storedMinimum * stepOf(group + 8)
    const values = source + group * 128
    const levels = LEVELS + group * 32
    if (groupScale != 0) {
      v128.store(levels, sixteenLevels(values, f32x4.splat(groupScale), f32x4.splat(groupMinimum), top))
      v128.store(levels, sixteenLevels(values + 64, f32x4.splat(groupScale), f32x4.splat(groupMinimum), top), 16)
    } else {
      // A scale that rounds to zero keeps the levels of the search, as in ggml.
      v128.store(levels, searchedLevels(values, fitOf(block * 8 + group), top))
      v128.store(levels, searchedLevels(values + 64, fitOf(block * 8 + group), top), 16)
    }
  }
}

/** 16 steps of 6 bits to 12 bytes: those of the first four groups whole, the others' upper two bits in the spare bits above them. */
function packSteps(destination: usize): void {
  const firstScales = load<u32>(steps)
  const lastScales = load<u32>(steps, 4)
  const firstMinimums = load<u32>(steps, 8)
  const lastMinimums = load<u32>(steps, 12)
  store<u32>(destination, firstScales | ((lastScales & 0x30303030) << 2))
  store<u32>(destination, firstMinimums | ((lastMinimums & 0x30303030) << 2), 4)
  store<u32>(destination, (lastScales & 0x0f0f0f0f) | ((lastMinimums & 0x0f0f0f0f) << 4), 8)
}

/** Reads the steps of a block into one byte each, for `stepOf`. */
export function unpackSteps(source: usize): void {
  const first = load<u32>(source)
  const second = load<u32>(source, 4)
  const third = load<u32>(source, 8)
  store<u32>(steps, first & 0x3f3f3f3f)
  store<u32>(steps, (third & 0x0f0f0f0f) | ((first >> 2) & 0x30303030), 4)
  store<u32>(steps, second & 0x3f3f3f3f, 8)
  store<u32>(steps, ((third >> 4) & 0x0f0f0f0f) | ((second >> 2) & 0x30303030), 12)
}

/** The unpacked step of a group's scale; 8 groups on, of its minimum. */
// @ts-ignore: decorator
@inline
export function stepOf(group: i32): f32 {
  return <f32>load<u8>(steps + group)
}
