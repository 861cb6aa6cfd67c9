// IQ4_XS: 256 numbers as uneven 4-bit levels in 8 groups of 32, each with a signed 6-bit scale over one half.
// `quantize_iq4_xs` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { RECORDS, RESULTS } from '../scratch'
import { searchUnevenScales, unevenLevels } from '../search/uneven-levels'
import { nearestInteger, RECORD, turnRuns } from '../vectors'
import { setSquares, spreadWeights, sumOfSquares } from '../weights'
import { storeUneven } from './iq4-nl'

const BLOCK_BYTES: usize = 136
const HIGH_STEPS: usize = 2
const LOW_STEPS: usize = 4
const LEVELS: usize = 8
/** Bytes of the records of four groups. */
const RUN: usize = 32 * RECORD

/** Encodes `blocks` blocks of float32. */
export function encodeIQ4_XS(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    turnRuns(source, 32, RECORDS)
    turnRuns(source + 512, 32, RECORDS + RUN)
    setSquares(RECORDS, 64)
    storeBlock(source, destination)
    source += 1024
    destination += BLOCK_BYTES
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedIQ4_XS(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks--) {
    turnRuns(source, 32, RECORDS)
    turnRuns(source + 512, 32, RECORDS + RUN)
    turnRuns(importance, 32, RECORDS + 16)
    turnRuns(importance + 512, 32, RECORDS + RUN + 16)
    spreadWeights(RECORDS, 64, f32x4.splat(sumOfSquares(source, 256) * <f32>(2.0 / 256.0)))
    storeBlock(source, destination)
    source += 1024
    importance += 1024
    destination += BLOCK_BYTES
  }
}

function storeBlock(source: usize, destination: usize): void {
  searchUnevenScales(RECORDS, RESULTS)
  searchUnevenScales(RECORDS + RUN, RESULTS + 16)
  let extreme: f32 = 0
  for (let group: usize = 0; group < 8; group++) {
    const scale = load<f32>(RESULTS + group * 4)
    if (abs(scale) > abs(extreme)) extreme = scale
  }
  const scale: f32 = -extreme / 32
  const inverse: f32 = scale != 0 ? 1 / scale : 0
  storeHalf(destination, scale)
  let high: u32 = 0
  let low: u32 = 0
  for (let group: usize = 0; group < 8; group++) {
    const nearest = i32x4.extract_lane(nearestInteger(f32x4.splat(inverse * load<f32>(RESULTS + group * 4))), 0)
    const step = max(-32, min(31, nearest))
    // Levels follow the scale before it is rounded to a half.
    const groupScale: f32 = scale * <f32>step
    const groupInverse: f32 = groupScale != 0 ? 1 / groupScale : 0
    const values = source + group * 128
    const levels = v128.or(unevenLevels(values, groupInverse), i8x16.shl(unevenLevels(values + 64, groupInverse), 4))
    v128.store(destination + LEVELS + group * 16, levels)
    low |= ((step + 32) & 15) << (4 * <i32>group)
    high |= ((step + 32) >> 4) << (2 * <i32>group)
  }
  store<u16>(destination, <u16>high, HIGH_STEPS)
  store<u32>(destination, low, LOW_STEPS)
}

/** Decodes `blocks` blocks to float32. */
export function decodeIQ4_XS(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = halfToFloat(load<u16>(source))
    const high = <i32>load<u16>(source, HIGH_STEPS)
    const low = load<u32>(source, LOW_STEPS)
    for (let group = 0; group < 8; group++) {
      const step = <i32>((low >> (4 * group)) & 15) | (((high >> (2 * group)) & 3) << 4)
      storeUneven(v128.load(source + group * 16, LEVELS), scale * <f32>(step - 32), destination)
      destination += 128
    }
    source += BLOCK_BYTES
  }
}
