// Q4_0: 32 numbers as 4-bit levels with one half scale. `quantize_row_q4_0_ref`, `quantize_row_q4_0_impl` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { NUMBERS, RECORDS, RESULTS, WEIGHTS } from '../scratch'
import { searchedSignedLevels, searchSignedScales } from '../search/signed-scale'
import { firstExtreme } from '../search/extreme'
import { packSigned, storeScaled, turnRuns, wholeToInteger } from '../vectors'
import { spreadWeights, sumOfSquares } from '../weights'

const BLOCK_BYTES: usize = 18

/** Encodes `blocks` blocks of float32: the number of largest magnitude becomes level -8 exactly. */
export function encodeQ4_0(source: usize, destination: usize, blocks: i32): void {
  for (let block = 0; block < blocks; block++) {
    const scale: f32 = firstExtreme(source) / -8
    const inverse: f32 = scale != 0 ? 1 / scale : 0
    storeHalf(destination, scale)
    if (abs(inverse) == Infinity) v128.store(destination, i8x16.splat(0), 2) // what x86 makes of infinity cast to a byte
    else {
      const low = sixteenLevels(source, f32x4.splat(inverse))
      const high = sixteenLevels(source + 64, f32x4.splat(inverse))
      v128.store(destination, v128.or(low, i8x16.shl(high, 4)), 2)
    }
    source += 128
    destination += BLOCK_BYTES
  }
}

// @ts-ignore: decorator
@inline
function sixteenLevels(source: usize, inverse: v128): v128 {
  const a = fourLevels(v128.load(source), inverse)
  const b = fourLevels(v128.load(source, 16), inverse)
  const c = fourLevels(v128.load(source, 32), inverse)
  const d = fourLevels(v128.load(source, 48), inverse)
  return i8x16.min_u(packSigned(a, b, c, d), i8x16.splat(15))
}

// @ts-ignore: decorator
@inline
function fourLevels(values: v128, inverse: v128): v128 {
  return wholeToInteger(f32x4.trunc(f32x4.add(f32x4.mul(values, inverse), f32x4.splat(8.5))))
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedQ4_0(source: usize, destination: usize, blocks: i32, importance: usize): void {
  const spread = sumOfSquares(source, blocks * 32) / <f32>(blocks * 32)
  for (let block = 0; block < blocks; block += 4) {
    const present = min(4, blocks - block)
    spreadWeights(source, importance, present * 32, spread, WEIGHTS)
    memory.copy(NUMBERS, source, present * 128)
    turnRuns(NUMBERS, 32, RECORDS)
    turnRuns(WEIGHTS, 32, RECORDS + 16)
    searchSignedScales(RECORDS, 32, 8, RESULTS)
    for (let lane = 0; lane < present; lane++) {
      const scale = load<f32>(RESULTS + 4 * lane)
      const inverse = load<f32>(RESULTS + 16 + 4 * lane)
      storeHalf(destination, scale)
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
  for (let block = 0; block < blocks; block++) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source)))
    const pairs = v128.load(source, 2)
    const low = i8x16.sub(v128.and(pairs, i8x16.splat(15)), i8x16.splat(8))
    const high = i8x16.sub(i8x16.shr_u(pairs, 4), i8x16.splat(8))
    storeScaled(low, scale, destination)
    storeScaled(high, scale, destination + 64)
    source += BLOCK_BYTES
    destination += 128
  }
}
