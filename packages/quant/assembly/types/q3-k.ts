// Q3_K: 256 numbers as 3-bit levels in 16 groups of 16, each with a signed 6-bit scale over one half.
// `quantize_row_q3_K_ref`, `quantize_row_q3_K_impl` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { LEVELS, RECORDS, RESULTS } from '../scratch'
import { searchRefinedScales } from '../search/refined-scale'
import { searchedSignedLevels, searchSignedScales } from '../search/signed-scale'
import { nearestInteger, packSigned, RECORD, storeScaled, turnRuns } from '../vectors'
import { setSquares, spreadWeights, sumOfSquares } from '../weights'
import { packPairs, pairsOf } from './level-pairs'

const BLOCK_BYTES: usize = 110
const PAIRS: usize = 32
const SCALES: usize = 96
const SCALE_HALF: usize = 108
/** Bytes of the records of four groups. */
const RUN: usize = 16 * RECORD

/** One byte per group: the level of its scale, 0 … 63, 32 being zero. */
const steps: usize = memory.data(16, 16)
/** For each of four blocks, four times the scales and the inverse scales of four groups. */
const searches: usize = memory.data(512, 16)
/** Records of the scales of four blocks, one lane per block. */
const scaleRecords: usize = memory.data(768, 16)
/** The scales and inverse scales of four blocks. */
const blockScales: usize = memory.data(32, 16)

/** Encodes `blocks` blocks of float32. */
export function encodeQ3_K(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    for (let run: usize = 0; run < 4; run++) turnRuns(source + run * 256, 16, RECORDS + run * RUN)
    setSquares(RECORDS, 64)
    for (let run: usize = 0; run < 4; run++) searchRefinedScales(RECORDS + run * RUN, 16, 4, RESULTS + run * 16)

    let extreme: f32 = 0
    let magnitude: f32 = 0
    for (let group: usize = 0; group < 16; group++) {
      const scale = load<f32>(RESULTS + group * 4)
      if (abs(scale) > magnitude) {
        magnitude = abs(scale)
        extreme = scale
      }
    }
    let blockScale: f32 = 0
    memory.fill(destination + SCALES, 0, 12)
    if (extreme != 0) {
      const inverse: f32 = -32 / extreme
      for (let group: usize = 0; group < 16; group += 4) {
        const nearest = nearestInteger(f32x4.mul(f32x4.splat(inverse), v128.load(RESULTS + group * 4)))
        storeFourSteps(group, nearest)
      }
      packSteps(destination + SCALES)
      blockScale = 1 / inverse
    }
    if (storeScale(destination, blockScale)) storeRefinedLevels()
    storeLevels(source, destination)
    source += 1024
    destination += BLOCK_BYTES
  }
}

/** The levels of the refinement as bytes 0 … 7 to `LEVELS`: what a group keeps whose scale comes to zero. */
function storeRefinedLevels(): void {
  for (let group: usize = 0; group < 16; group++) {
    const records = RECORDS + (group >> 2) * RUN + (group & 3) * 4 + 32
    for (let index: usize = 0; index < 16; index++) store<u8>(LEVELS + group * 16 + index, <u8>(load<f32>(records + index * RECORD) + 4))
  }
}

// @ts-ignore: decorator
@inline
function storeFourSteps(group: usize, nearest: v128): void {
  const bytes = i32x4.shr_s(i32x4.shl(nearest, 24), 24) // kept as a byte before it is limited, as ggml does
  const limited = i32x4.add(i32x4.min_s(i32x4.max_s(bytes, i32x4.splat(-32)), i32x4.splat(31)), i32x4.splat(32))
  const packed = packSigned(limited, limited, limited, limited)
  v128.store32_lane(steps + group, packed, 0)
}

/** 16 steps of 6 bits to 12 bytes: low nibbles of the first eight, of the last eight above them, then the upper bits by fours. */
function packSteps(destination: usize): void {
  const first = load<u64>(steps)
  const last = load<u64>(steps, 8)
  store<u64>(destination, (first & 0x0f0f0f0f0f0f0f0f) | ((last & 0x0f0f0f0f0f0f0f0f) << 4))
  const firstHigh = (first >> 4) & 0x0303030303030303
  const lastHigh = (last >> 4) & 0x0303030303030303
  const high = <u32>firstHigh | (<u32>(firstHigh >> 32) << 2) | (<u32>lastHigh << 4) | (<u32>(lastHigh >> 32) << 6)
  store<u32>(destination, high, 8)
}

/** Reads packed steps back into `steps`. */
function unpackSteps(source: usize): void {
  const low = load<u64>(source)
  const high = load<u32>(source, 8)
  const firstHigh = <u64>(high & 0x03030303) | (<u64>((high >> 2) & 0x03030303) << 32)
  const lastHigh = <u64>((high >> 4) & 0x03030303) | (<u64>((high >> 6) & 0x03030303) << 32)
  store<u64>(steps, (low & 0x0f0f0f0f0f0f0f0f) | (firstHigh << 4))
  store<u64>(steps, ((low >> 4) & 0x0f0f0f0f0f0f0f0f) | (lastHigh << 4), 8)
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedQ3_K(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks -= 4) {
    const present = <usize>min(4, blocks)
    for (let block: usize = 0; block < present; block++) searchGroups(source + block * 1024, importance + block * 1024, block)
    searchSignedScales(scaleRecords, 16, 32, blockScales)
    for (let block: usize = 0; block < present; block++) {
      finishWeightedBlock(source, destination, block)
      source += 1024
      importance += 1024
      destination += BLOCK_BYTES
    }
  }
}

/** Searches the scales of a block's groups, and enters them, weighted by the sums of their weights, for the search over scales. */
function searchGroups(source: usize, importance: usize, block: usize): void {
  const spread = f32x4.splat((2 * sumOfSquares(source, 256)) / 256)
  for (let run: usize = 0; run < 4; run++) {
    const result = searches + block * 128 + run * 32
    turnRuns(source + run * 256, 16, RECORDS)
    turnRuns(importance + run * 256, 16, RECORDS + 16)
    spreadWeights(RECORDS, 16, spread)
    searchSignedScales(RECORDS, 16, 4, result)
    let sum = v128.load(RECORDS, 16)
    for (let at: usize = RECORD; at < RUN; at += RECORD) sum = f32x4.add(sum, v128.load(RECORDS + at, 16))
    const records = scaleRecords + run * 4 * RECORD + block * 4
    for (let lane: usize = 0; lane < 4; lane++) store<f32>(records + lane * RECORD, load<f32>(result + lane * 4))
    v128.store32_lane(records, sum, 0, 16)
    v128.store32_lane(records, sum, 1, RECORD + 16)
    v128.store32_lane(records, sum, 2, 2 * RECORD + 16)
    v128.store32_lane(records, sum, 3, 3 * RECORD + 16)
  }
}

function finishWeightedBlock(source: usize, destination: usize, block: usize): void {
  const inverse = load<f32>(blockScales + block * 4, 16)
  for (let run: usize = 0; run < 4; run++) {
    const scales = v128.load(searches + block * 128 + run * 32)
    // In a block that counts as zero every step is 0, not the middle 32.
    if (inverse == 0) store<u32>(steps + run * 4, 0)
    else {
      const nearest = nearestInteger(f32x4.mul(f32x4.splat(inverse), scales))
      storeFourSteps(run * 4, nearest)
    }
  }
  packSteps(destination + SCALES)
  if (storeScale(destination, load<f32>(blockScales + block * 4))) storeSearchedLevels(source, block)
  storeLevels(source, destination)
}

/** The levels of the searches as bytes 0 … 7 to `LEVELS`. */
function storeSearchedLevels(source: usize, block: usize): void {
  for (let group: usize = 0; group < 16; group++) {
    const inverse = load<f32>(searches + block * 128 + (group >> 2) * 32 + (group & 3) * 4, 16)
    v128.store(LEVELS + group * 16, searchedSignedLevels(source + group * 64, inverse, 4))
  }
}

/** Scale of the block in hand, as stored. */
let storedScale: f32 = 0

/** Stores the block's scale; its packed steps lie in `destination`. @returns Whether a group's scale comes to zero. */
function storeScale(destination: usize, scale: f32): bool {
  storedScale = storeHalf(destination + SCALE_HALF, scale)
  unpackSteps(destination + SCALES)
  // The smallest half times a whole number is no zero.
  return storedScale == 0 || v128.any_true(i8x16.eq(v128.load(steps), i8x16.splat(32)))
}

/** Stores the levels; where a group's scale comes to zero, those that lie in `LEVELS`, as ggml keeps them. */
function storeLevels(source: usize, destination: usize): void {
  for (let group: usize = 0; group < 16; group++) {
    const groupScale: f32 = storedScale * <f32>(<i32>load<u8>(steps + group) - 32)
    if (groupScale == 0) continue
    const divisor = f32x4.splat(groupScale)
    const values = source + group * 64
    const a = nearestInteger(f32x4.div(v128.load(values), divisor))
    const b = nearestInteger(f32x4.div(v128.load(values, 16), divisor))
    const c = nearestInteger(f32x4.div(v128.load(values, 32), divisor))
    const d = nearestInteger(f32x4.div(v128.load(values, 48), divisor))
    const levels = i8x16.min_s(i8x16.max_s(packSigned(a, b, c, d), i8x16.splat(-4)), i8x16.splat(3))
    v128.store(LEVELS + group * 16, i8x16.add(levels, i8x16.splat(4)))
  }
  for (let column: usize = 0; column < 32; column += 16) {
    let high = i8x16.splat(0)
    for (let part: usize = 0; part < 8; part++) {
      high = v128.or(high, i8x16.shl(i8x16.shr_u(v128.load(LEVELS + part * 32 + column), 2), <i32>part))
    }
    v128.store(destination + column, high)
  }
  packPairs(destination + PAIRS)
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ3_K(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = halfToFloat(load<u16>(source + SCALE_HALF))
    unpackSteps(source + SCALES)
    for (let group = 0; group < 16; group++) {
      const pairs = pairsOf(v128.load(source + (group >> 3) * 32 + (group & 1) * 16, PAIRS), (group >> 1) & 3)
      const high = v128.and(i8x16.shl(i8x16.shr_u(v128.load(source + (group & 1) * 16), group >> 1), 2), i8x16.splat(4))
      const levels = i8x16.sub(v128.or(pairs, high), i8x16.splat(4))
      storeScaled(levels, f32x4.splat(scale * <f32>(<i32>load<u8>(steps + group) - 32)), destination)
      destination += 64
    }
    source += BLOCK_BYTES
  }
}
