// Q5_K: 256 numbers as 5-bit levels in 8 groups of 32 (`scaled-groups.ts`).
import { halfToFloat } from '../floats'
import { LEVELS } from '../scratch'
import { storeScaledAndMoved } from '../vectors'
import { finishBlock, finishWeightedBlock, searchGroups, searchWeightedGroups, stepOf, unpackSteps } from './scaled-groups'

const BLOCK_BYTES: usize = 176
const HIGH_BITS: usize = 16
const LOW_NIBBLES: usize = 48

/** Encodes `blocks` blocks of float32. */
export function encodeQ5_K(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks -= 2) {
    searchGroups(source, min(2, blocks), 31, -0.5, 15)
    for (let block = 0; block < min(2, blocks); block++) {
      finishBlock(source, destination, block, 31)
      packLevels(destination)
      source += 1024
      destination += BLOCK_BYTES
    }
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedQ5_K(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks -= 2) {
    searchWeightedGroups(source, min(2, blocks), importance, 31)
    for (let block = 0; block < min(2, blocks); block++) {
      finishWeightedBlock(source, destination, block, 31, 63)
      packLevels(destination)
      source += 1024
      importance += 1024
      destination += BLOCK_BYTES
    }
  }
}

/** Low nibbles of two groups share 32 bytes; bit `group` of 32 more bytes is the fifth bit. */
function packLevels(destination: usize): void {
  const nibble = i8x16.splat(15)
  for (let column: usize = 0; column < 32; column += 16) {
    let high = i8x16.splat(0)
    for (let group: usize = 0; group < 8; group += 2) {
      const first = v128.load(LEVELS + group * 32 + column)
      const second = v128.load(LEVELS + group * 32 + column, 32)
      v128.store(destination + LOW_NIBBLES + group * 16 + column, v128.or(v128.and(first, nibble), i8x16.shl(second, 4)))
      const pair = v128.or(i8x16.shr_u(first, 4), i8x16.shl(i8x16.shr_u(second, 4), 1))
      high = v128.or(high, i8x16.shl(pair, <i32>group))
    }
    v128.store(destination + HIGH_BITS + column, high)
  }
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ5_K(source: usize, destination: usize, blocks: i32): void {
  const nibble = i8x16.splat(15)
  const fifth = i8x16.splat(16)
  for (let block = 0; block < blocks; block++) {
    const scale = halfToFloat(load<u16>(source))
    const minimum = halfToFloat(load<u16>(source, 2))
    unpackSteps(source + 4)
    for (let group = 0; group < 8; group += 2) {
      const firstScale = f32x4.splat(scale * stepOf(group))
      const firstOffset = f32x4.splat(-(minimum * stepOf(group + 8)))
      const secondScale = f32x4.splat(scale * stepOf(group + 1))
      const secondOffset = f32x4.splat(-(minimum * stepOf(group + 9)))
      for (let column: usize = 0; column < 32; column += 16) {
        const low = v128.load(source + LOW_NIBBLES + group * 16 + column)
        const high = i8x16.shr_u(v128.load(source + HIGH_BITS + column), <i32>group)
        const first = v128.or(v128.and(low, nibble), v128.and(i8x16.shl(high, 4), fifth))
        const second = v128.or(i8x16.shr_u(low, 4), v128.and(i8x16.shl(high, 3), fifth))
        storeScaledAndMoved(first, firstScale, firstOffset, destination + column * 4)
        storeScaledAndMoved(second, secondScale, secondOffset, destination + 128 + column * 4)
      }
      destination += 256
    }
    source += BLOCK_BYTES
  }
}
