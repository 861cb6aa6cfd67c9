// Q5_1: 32 numbers as 5-bit levels with a half scale and a half minimum.
// `quantize_row_q5_1_ref`, `quantize_row_q5_1_impl` (ggml-quants.c, llama.cpp v0.5.0).
import { firstSmallest, largestOf } from '../extremes'
import { halfToFloat, storeHalf } from '../floats'
import { fitOf, MINIMUM, SCALE, searchedLevels } from '../search/fit'
import { spreadFifthBits, storeScaledAndMoved, truncatedLevels } from '../vectors'
import { sumOfSquares } from '../weights'
import { storeFiveBits } from './q5-0'
import { searchWeightedBlocks } from './weighted-blocks'

const BLOCK_BYTES: usize = 24

/** Encodes `blocks` blocks of float32: the smallest number becomes level 0, the largest 31. */
export function encodeQ5_1(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const smallest = firstSmallest(source)
    const scale: f32 = (largestOf(source) - smallest) / 31
    const inverse: f32 = scale != 0 ? 1 / scale : 0
    storeHalf(destination, scale)
    storeHalf(destination + 2, smallest)
    const low = truncatedLevels(source, smallest, inverse, 0.5, 255)
    const high = truncatedLevels(source + 64, smallest, inverse, 0.5, 255)
    storeFiveBits(low, high, destination + 4)
    source += 128
    destination += BLOCK_BYTES
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedQ5_1(source: usize, destination: usize, blocks: i32, importance: usize): void {
  const spread = sumOfSquares(source, blocks * 32) / <f32>(blocks * 32)
  for (; blocks > 0; blocks -= 16) {
    const present = min(16, blocks)
    searchWeightedBlocks(source, importance, present, spread, 31)
    for (let block = 0; block < present; block++) {
      const fit = fitOf(block)
      storeHalf(destination, load<f32>(fit + SCALE))
      storeHalf(destination + 2, -load<f32>(fit + MINIMUM))
      storeFiveBits(searchedLevels(source, fit, 31), searchedLevels(source + 64, fit, 31), destination + 4)
      source += 128
      importance += 128
      destination += BLOCK_BYTES
    }
  }
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ5_1(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source)))
    const minimum = f32x4.splat(halfToFloat(load<u16>(source, 2)))
    const pairs = v128.load(source, 8)
    const low = v128.or(v128.and(pairs, i8x16.splat(15)), spreadFifthBits(load<u16>(source, 4)))
    const high = v128.or(i8x16.shr_u(pairs, 4), spreadFifthBits(load<u16>(source, 6)))
    storeScaledAndMoved(low, scale, minimum, destination)
    storeScaledAndMoved(high, scale, minimum, destination + 64)
    source += BLOCK_BYTES
    destination += 128
  }
}
