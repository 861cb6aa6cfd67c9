// Q2_K: 256 numbers as 2-bit levels in 16 groups of 16, each with a 4-bit scale and a 4-bit minimum over two halves.
// `quantize_row_q2_K_ref`, `quantize_row_q2_K_impl` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { LEVELS, RECORDS } from '../scratch'
import { minimumFactor, minimumStep, scaleFactor, scaleStep, searchFactors, setFactors } from '../search/factors'
import { fitOf, MINIMUM, SCALE, searchedLevels } from '../search/fit'
import { searchScalesAndMinimums } from '../search/scale-and-minimum'
import { nearestStep, RECORD, sixteenLevels, storeScaledAndMoved, turnRuns } from '../vectors'
import { setMagnitudes, spreadWeights, sumOfSquares } from '../weights'
import { packPairs, pairsOf } from './level-pairs'

const BLOCK_BYTES: usize = 84
const PAIRS: usize = 16
const SCALE_HALF: usize = 80
const MINIMUM_HALF: usize = 82
/** Bytes of the records of four groups. */
const RUN: usize = 16 * RECORD

/** Encodes `blocks` blocks of float32; the weight of a number is its magnitude, and so is its error. */
export function encodeQ2_K(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    for (let run: usize = 0; run < 4; run++) turnRuns(source + run * 256, 16, RECORDS + run * RUN)
    setMagnitudes(RECORDS, 64)
    searchScalesAndMinimums(RECORDS, 16, 4, 3, -0.5, 0.1, 15, true)

    let largestScale: f32 = 0
    let largestMinimum: f32 = 0
    for (let group = 0; group < 16; group++) {
      largestScale = max(largestScale, load<f32>(fitOf(group) + SCALE))
      largestMinimum = max(largestMinimum, load<f32>(fitOf(group) + MINIMUM))
    }
    const inverseScale: f32 = largestScale > 0 ? 15 / largestScale : 0
    const inverseMinimum: f32 = largestMinimum > 0 ? 15 / largestMinimum : 0
    for (let group = 0; group < 16; group++) {
      const scale = nearestStep(inverseScale * load<f32>(fitOf(group) + SCALE))
      const minimum = nearestStep(inverseMinimum * load<f32>(fitOf(group) + MINIMUM))
      store<u8>(destination + group, scale | (minimum << 4))
    }
    storeBlock(source, destination, largestScale / 15, largestMinimum / 15)
    source += 1024
    destination += BLOCK_BYTES
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedQ2_K(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks--) {
    const spread = f32x4.splat(sumOfSquares(source, 256) / 256)
    for (let run: usize = 0; run < 4; run++) {
      turnRuns(source + run * 256, 16, RECORDS + run * RUN)
      turnRuns(importance + run * 256, 16, RECORDS + run * RUN + 16)
    }
    spreadWeights(RECORDS, 64, spread)
    searchScalesAndMinimums(RECORDS, 16, 4, 3, -0.9, 0.05, 36, false)
    for (let group = 0; group < 16; group++) setFactors(0, group, fitOf(group))
    searchFactors(16, 15)
    for (let group = 0; group < 16; group++) store<u8>(destination + group, scaleStep(0, group) | (minimumStep(0, group) << 4))
    storeBlock(source, destination, scaleFactor(0), minimumFactor(0))
    source += 1024
    importance += 1024
    destination += BLOCK_BYTES
  }
}

/** Stores halves and levels; the steps lie in `destination` already. */
function storeBlock(source: usize, destination: usize, scale: f32, minimum: f32): void {
  const storedScale = storeHalf(destination + SCALE_HALF, scale)
  const storedMinimum = storeHalf(destination + MINIMUM_HALF, minimum)
  for (let group = 0; group < 16; group++) {
    const steps = load<u8>(destination + group)
    const groupScale: f32 = storedScale * <f32>(steps & 15)
    const groupMinimum: f32 = storedMinimum * <f32>(steps >> 4)
    const values = source + group * 64
    if (groupScale != 0) v128.store(LEVELS + group * 16, sixteenLevels(values, f32x4.splat(groupScale), f32x4.splat(groupMinimum), 3))
    else v128.store(LEVELS + group * 16, searchedLevels(values, fitOf(group), 3))
  }
  packPairs(destination + PAIRS)
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ2_K(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = halfToFloat(load<u16>(source + SCALE_HALF))
    const minimum = halfToFloat(load<u16>(source + MINIMUM_HALF))
    for (let group = 0; group < 16; group++) {
      const steps = load<u8>(source + group)
      const columns = v128.load(source + (group >> 3) * 32 + (group & 1) * 16, PAIRS)
      const offset: f32 = -(minimum * <f32>(steps >> 4))
      storeScaledAndMoved(pairsOf(columns, (group >> 1) & 3), f32x4.splat(scale * <f32>(steps & 15)), f32x4.splat(offset), destination)
      destination += 64
    }
    source += BLOCK_BYTES
  }
}
