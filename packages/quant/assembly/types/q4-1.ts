// Q4_1: 32 numbers as 4-bit levels with a half scale and a half minimum.
// `quantize_row_q4_1_ref`, `quantize_row_q4_1_impl` (ggml-quants.c, llama.cpp v0.5.0).
import { firstSmallest, largestOf } from '../extremes'
import { halfToFloat, storeHalf } from '../floats'
import { fitOf, MINIMUM, SCALE, searchedLevels } from '../search/fit'
import { storeScaledAndMoved, truncatedLevels } from '../vectors'
import { sumOfSquares } from '../weights'
import { searchWeightedBlocks } from './weighted-blocks'

const BLOCK_BYTES: usize = 20

/** Encodes `blocks` blocks of float32: the smallest number becomes level 0, the largest 15. */
export function encodeQ4_1(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const smallest = firstSmallest(source)
    const scale: f32 = (largestOf(source) - smallest) / 15
    const inverse: f32 = scale != 0 ? 1 / scale : 0
    storeHalf(destination, scale)
    storeHalf(destination + 2, smallest)
    const low = truncatedLevels(source, smallest, inverse, 0.5, 15)
    const high = truncatedLevels(source + 64, smallest, inverse, 0.5, 15)
    v128.store(destination, v128.or(low, i8x16.shl(high, 4)), 4)
    source += 128
    destination += BLOCK_BYTES
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedQ4_1(source: usize, destination: usize, blocks: i32, importance: usize): void {
  const spread = sumOfSquares(source, blocks * 32) / <f32>(blocks * 32)
  for (; blocks > 0; blocks -= 16) {
    const present = min(16, blocks)
    searchWeightedBlocks(source, importance, present, spread, 15)
    for (let block = 0; block < present; block++) {
      const fit = fitOf(block)
      storeHalf(destination, load<f32>(fit + SCALE))
      storeHalf(destination + 2, -load<f32>(fit + MINIMUM))
      const low = searchedLevels(source, fit, 15)
      const high = searchedLevels(source + 64, fit, 15)
      v128.store(destination, v128.or(low, i8x16.shl(high, 4)), 4)
      source += 128
      importance += 128
      destination += BLOCK_BYTES
    }
  }
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ4_1(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source)))
    const minimum = f32x4.splat(halfToFloat(load<u16>(source, 2)))
    const pairs = v128.load(source, 4)
    storeScaledAndMoved(v128.and(pairs, i8x16.splat(15)), scale, minimum, destination)
    storeScaledAndMoved(i8x16.shr_u(pairs, 4), scale, minimum, destination + 64)
    source += BLOCK_BYTES
    destination += 128
  }
}
