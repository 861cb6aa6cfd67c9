// IQ4_NL: 32 numbers as uneven 4-bit levels with one half scale. `quantize_iq4_nl` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { RECORDS, RESULTS } from '../scratch'
import { searchUnevenScales, UNEVEN_LEVELS, unevenLevels } from '../search/uneven-levels'
import { storeScaled } from '../vectors'
import { setSquares, spreadWeights, sumRecordSquares } from '../weights'
import { turnBlocks } from './weighted-blocks'

const BLOCK_BYTES: usize = 18

/** Encodes `blocks` blocks of float32. */
export function encodeIQ4_NL(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks -= 4) {
    const present = min(4, blocks)
    turnBlocks(source, present, 0)
    setSquares(RECORDS, 32)
    searchUnevenScales(RECORDS, RESULTS)
    storeBlocks(source, destination, present)
    source += 512
    destination += 4 * BLOCK_BYTES
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. The spread is that of the block, not of the row. */
export function encodeWeightedIQ4_NL(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks -= 4) {
    const present = min(4, blocks)
    turnBlocks(source, present, 0)
    turnBlocks(importance, present, 16)
    spreadWeights(RECORDS, 32, f32x4.mul(sumRecordSquares(RECORDS, 32), f32x4.splat(2.0 / 32.0)))
    searchUnevenScales(RECORDS, RESULTS)
    storeBlocks(source, destination, present)
    source += 512
    importance += 512
    destination += 4 * BLOCK_BYTES
  }
}

function storeBlocks(source: usize, destination: usize, blocks: i32): void {
  for (let lane = 0; lane < blocks; lane++) {
    const scale = load<f32>(RESULTS + lane * 4)
    const inverse: f32 = scale != 0 ? 1 / scale : 0
    storeHalf(destination, scale)
    v128.store(destination, v128.or(unevenLevels(source, inverse), i8x16.shl(unevenLevels(source + 64, inverse), 4)), 2)
    source += 128
    destination += BLOCK_BYTES
  }
}

/** Decodes `blocks` blocks to float32. */
export function decodeIQ4_NL(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    storeUneven(v128.load(source, 2), halfToFloat(load<u16>(source)), destination)
    source += BLOCK_BYTES
    destination += 128
  }
}

/** 32 levels in nibbles, times a scale, as float32. */
// @ts-ignore: decorator
@inline
export function storeUneven(pairs: v128, scale: f32, destination: usize): void {
  const levels = v128.load(UNEVEN_LEVELS)
  storeScaled(v128.swizzle(levels, v128.and(pairs, i8x16.splat(15))), f32x4.splat(scale), destination)
  storeScaled(v128.swizzle(levels, i8x16.shr_u(pairs, 4)), f32x4.splat(scale), destination + 64)
}
