// Q6_K: 256 numbers as 6-bit levels in 16 groups with int8 scales over one half.
// `quantize_row_q6_K_ref`, `quantize_row_q6_K_impl` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { LEVELS, RECORDS, RESULTS } from '../scratch'
import { searchedSignedLevels, searchSignedScales, ZERO_GROUP } from '../search/signed-scale'
import { nearestInteger, packSigned, storeScaled, turnRuns } from '../vectors'
import { setSquares } from '../weights'

const BLOCK_BYTES: usize = 210
const HIGH: usize = 128
const SCALES: usize = 192
const SCALE: usize = 208

/** Encodes `blocks` blocks of float32; the weight of a number is its square. */
export function encodeQ6_K(source: usize, destination: usize, blocks: i32): void {
  for (let block = 0; block < blocks; block++) {
    encodeBlock(source, 0, destination)
    source += 1024
    destination += BLOCK_BYTES
  }
}

/** Encodes one row of `blocks` blocks; the weights are the importance as it is. */
export function encodeWeightedQ6_K(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (let block = 0; block < blocks; block++) {
    encodeBlock(source, importance, destination)
    source += 1024
    importance += 1024
    destination += BLOCK_BYTES
  }
}

/** `importance` 0 stands for none. */
function encodeBlock(source: usize, importance: usize, destination: usize): void {
  let extreme: f32 = 0
  let magnitude: f32 = 0
  for (let group: usize = 0; group < 16; group += 4) {
    turnRuns(source + group * 64, 16, RECORDS)
    if (importance == 0) setSquares(RECORDS, 16)
    else turnRuns(importance + group * 64, 16, RECORDS + 16)
    searchSignedScales(RECORDS, 16, 32, RESULTS + group * 8)
    for (let lane: usize = 0; lane < 4; lane++) {
      const scale = load<f32>(RESULTS + group * 8 + lane * 4)
      if (abs(scale) > magnitude) {
        magnitude = abs(scale)
        extreme = scale
      }
    }
  }
  if (magnitude < ZERO_GROUP) {
    memory.fill(destination, 0, BLOCK_BYTES)
    return
  }

  const inverse: f32 = -128 / extreme
  const scale = storeHalf(destination + SCALE, 1 / inverse)
  for (let group: usize = 0; group < 16; group++) {
    const result = RESULTS + (group & ~3) * 8 + (group & 3) * 4
    const nearest = i32x4.extract_lane(nearestInteger(f32x4.splat(inverse * load<f32>(result))), 0)
    const stored = <i8>min(127, nearest)
    store<i8>(destination + SCALES + group, stored)
    storeGroupLevels(source + group * 64, scale * <f32>stored, load<f32>(result + 16), LEVELS + group * 16)
  }
  packLevels(destination)
}

/** Levels 0 … 63 of one group of 16 under its stored scale; where that is zero, those of the search, as ggml leaves them. */
// @ts-ignore: decorator
@inline
function storeGroupLevels(source: usize, groupScale: f32, searched: f32, destination: usize): void {
  if (groupScale != 0) {
    const divisor = f32x4.splat(groupScale)
    const a = nearestInteger(f32x4.div(v128.load(source), divisor))
    const b = nearestInteger(f32x4.div(v128.load(source, 16), divisor))
    const c = nearestInteger(f32x4.div(v128.load(source, 32), divisor))
    const d = nearestInteger(f32x4.div(v128.load(source, 48), divisor))
    const levels = i8x16.min_s(i8x16.max_s(packSigned(a, b, c, d), i8x16.splat(-32)), i8x16.splat(31))
    v128.store(destination, i8x16.add(levels, i8x16.splat(32)))
  } else v128.store(destination, searchedSignedLevels(source, searched, 32))
}

/** Each half of 128 is 32 columns of 4 levels: low nibbles to two bytes, high bit pairs to one. */
function packLevels(destination: usize): void {
  const nibble = i8x16.splat(15)
  for (let half: usize = 0; half < 2; half++) {
    for (let column: usize = 0; column < 32; column += 16) {
      const levels = LEVELS + half * 128 + column
      const first = v128.load(levels)
      const second = v128.load(levels, 32)
      const third = v128.load(levels, 64)
      const fourth = v128.load(levels, 96)
      const low = destination + half * 64 + column
      v128.store(low, v128.or(v128.and(first, nibble), i8x16.shl(third, 4)))
      v128.store(low, v128.or(v128.and(second, nibble), i8x16.shl(fourth, 4)), 32)
      const firstPairs = v128.or(i8x16.shr_u(first, 4), i8x16.shl(i8x16.shr_u(second, 4), 2))
      const lastPairs = v128.or(i8x16.shl(i8x16.shr_u(third, 4), 4), i8x16.shl(i8x16.shr_u(fourth, 4), 6))
      v128.store(destination + HIGH + half * 32 + column, v128.or(firstPairs, lastPairs))
    }
  }
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ6_K(source: usize, destination: usize, blocks: i32): void {
  const nibble = i8x16.splat(15)
  const pair = i8x16.splat(3)
  const middle = i8x16.splat(32)
  for (let block = 0; block < blocks; block++) {
    const scale = halfToFloat(load<u16>(source + SCALE))
    for (let half: usize = 0; half < 2; half++) {
      for (let column: usize = 0; column < 32; column += 16) {
        const low = source + half * 64 + column
        const even = v128.load(low)
        const odd = v128.load(low, 32)
        const high = v128.load(source + HIGH + half * 32 + column)
        const scales = source + SCALES + half * 8 + (column >> 4)
        const out = destination + half * 512 + column * 4
        const first = v128.or(v128.and(even, nibble), i8x16.shl(v128.and(high, pair), 4))
        const second = v128.or(v128.and(odd, nibble), i8x16.shl(v128.and(i8x16.shr_u(high, 2), pair), 4))
        const third = v128.or(i8x16.shr_u(even, 4), i8x16.shl(v128.and(i8x16.shr_u(high, 4), pair), 4))
        const fourth = v128.or(i8x16.shr_u(odd, 4), i8x16.shl(i8x16.shr_u(high, 6), 4))
        storeScaled(i8x16.sub(first, middle), f32x4.splat(scale * <f32>load<i8>(scales)), out)
        storeScaled(i8x16.sub(second, middle), f32x4.splat(scale * <f32>load<i8>(scales, 2)), out + 128)
        storeScaled(i8x16.sub(third, middle), f32x4.splat(scale * <f32>load<i8>(scales, 4)), out + 256)
        storeScaled(i8x16.sub(fourth, middle), f32x4.splat(scale * <f32>load<i8>(scales, 6)), out + 384)
      }
    }
    source += BLOCK_BYTES
    destination += 1024
  }
}
