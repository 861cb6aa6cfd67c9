// Q5_0: 32 numbers as 5-bit levels with one half scale. `quantize_row_q5_0_ref`, `quantize_row_q5_0_impl` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { RECORDS, RESULTS } from '../scratch'
import { searchedSignedLevels, searchSignedScales } from '../search/signed-scale'
import { fifthBits, spreadFifthBits, storeScaled, truncatedLevels } from '../vectors'
import { sumOfSquares } from '../weights'
import { findExtremeScales, inverseScale, scaleHalf } from './block-scales'
import { turnWeightedBlocks } from './weighted-blocks'

const BLOCK_BYTES: usize = 22

/** Encodes `blocks` blocks of float32: the number of largest magnitude becomes level -16 exactly. */
export function encodeQ5_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks -= 4) {
    const present = <usize>min(4, blocks)
    findExtremeScales(source, present, -16)
    for (let block: usize = 0; block < present; block++) {
      const inverse = inverseScale(block)
      store<u16>(destination, scaleHalf(block))
      storeFiveBits(truncatedLevels(source, 0, inverse, 16.5, 31), truncatedLevels(source + 64, 0, inverse, 16.5, 31), destination + 2)
      source += 128
      destination += BLOCK_BYTES
    }
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedQ5_0(source: usize, destination: usize, blocks: i32, importance: usize): void {
  const spread = sumOfSquares(source, blocks * 32) / <f32>(blocks * 32)
  for (; blocks > 0; blocks -= 4) {
    const present = min(4, blocks)
    turnWeightedBlocks(source, importance, present, spread)
    searchSignedScales(RECORDS, 32, 16, RESULTS)
    for (let lane = 0; lane < present; lane++) {
      const inverse = load<f32>(RESULTS + 16 + 4 * lane)
      storeHalf(destination, load<f32>(RESULTS + 4 * lane))
      storeFiveBits(searchedSignedLevels(source, inverse, 16), searchedSignedLevels(source + 64, inverse, 16), destination + 2)
      source += 128
      importance += 128
      destination += BLOCK_BYTES
    }
  }
}

/** Twice 16 levels as 32 fifth bits and 16 bytes of two nibbles. */
// @ts-ignore: decorator
@inline
export function storeFiveBits(low: v128, high: v128, destination: usize): void {
  store<u32>(destination, fifthBits(low) | (fifthBits(high) << 16))
  v128.store(destination, v128.or(v128.and(low, i8x16.splat(15)), i8x16.shl(high, 4)), 4)
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ5_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source)))
    const pairs = v128.load(source, 6)
    const low = v128.or(v128.and(pairs, i8x16.splat(15)), spreadFifthBits(load<u16>(source, 2)))
    const high = v128.or(i8x16.shr_u(pairs, 4), spreadFifthBits(load<u16>(source, 4)))
    storeScaled(i8x16.sub(low, i8x16.splat(16)), scale, destination)
    storeScaled(i8x16.sub(high, i8x16.splat(16)), scale, destination + 64)
    source += BLOCK_BYTES
    destination += 128
  }
}
