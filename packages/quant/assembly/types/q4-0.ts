// Q4_0: 32 numbers as 4-bit levels with one half scale. `quantize_row_q4_0_ref`, `quantize_row_q4_0_impl` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { RECORDS, RESULTS } from '../scratch'
import { searchedSignedLevels, searchSignedScales } from '../search/signed-scale'
import { storeScaled, truncatedLevels } from '../vectors'
import { sumOfSquares } from '../weights'
import { findExtremeScales, inverseScale, scaleHalf } from './block-scales'
import { turnWeightedBlocks } from './weighted-blocks'

const BLOCK_BYTES: usize = 18

/** Encodes `blocks` blocks of float32: the number of largest magnitude becomes level -8 exactly. */
export function encodeQ4_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks -= 4) {
    const present = <usize>min(4, blocks)
    findExtremeScales(source, present, -8)
    for (let block: usize = 0; block < present; block++) {
      const inverse = inverseScale(block)
      const low = truncatedLevels(source, 0, inverse, 8.5, 15)
      const high = truncatedLevels(source + 64, 0, inverse, 8.5, 15)
      store<u16>(destination, scaleHalf(block))
      v128.store(destination, v128.or(low, i8x16.shl(high, 4)), 2)
      source += 128
      destination += BLOCK_BYTES
    }
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedQ4_0(source: usize, destination: usize, blocks: i32, importance: usize): void {
  const spread = sumOfSquares(source, blocks * 32) / <f32>(blocks * 32)
  for (; blocks > 0; blocks -= 4) {
    const present = min(4, blocks)
    turnWeightedBlocks(source, importance, present, spread)
    searchSignedScales(RECORDS, 32, 8, RESULTS)
    for (let lane = 0; lane < present; lane++) {
      const inverse = load<f32>(RESULTS + 16 + 4 * lane)
      storeHalf(destination, load<f32>(RESULTS + 4 * lane))
      const low = searchedSignedLevels(source, inverse, 8)
      const high = searchedSignedLevels(source + 64, inverse, 8)
      v128.store(destination, v128.or(low, i8x16.shl(high, 4)), 2)
      source += 128
      importance += 128
      destination += BLOCK_BYTES
    }
  }
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ4_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source)))
    const pairs = v128.load(source, 2)
    storeScaled(i8x16.sub(v128.and(pairs, i8x16.splat(15)), i8x16.splat(8)), scale, destination)
    storeScaled(i8x16.sub(i8x16.shr_u(pairs, 4), i8x16.splat(8)), scale, destination + 64)
    source += BLOCK_BYTES
    destination += 128
  }
}
