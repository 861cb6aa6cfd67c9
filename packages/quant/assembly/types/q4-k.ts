// Q4_K: 256 numbers as 4-bit levels in 8 groups of 32 (`scaled-groups.ts`).
import { halfToFloat } from '../floats'
import { LEVELS } from '../scratch'
import { storeScaledAndMoved } from '../vectors'
import { finishBlock, finishWeightedBlock, searchGroups, searchWeightedGroups, stepOf, unpackSteps } from './scaled-groups'

const BLOCK_BYTES: usize = 144
const LEVEL_BYTES: usize = 16

/** Encodes `blocks` blocks of float32. */
export function encodeQ4_K(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks -= 2) {
    searchGroups(source, min(2, blocks), 15, -1, 20)
    for (let block = 0; block < min(2, blocks); block++) {
      finishBlock(source, destination, block, 15)
      packLevels(destination + LEVEL_BYTES)
      source += 1024
      destination += BLOCK_BYTES
    }
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedQ4_K(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks -= 2) {
    searchWeightedGroups(source, min(2, blocks), importance, 15)
    for (let block = 0; block < min(2, blocks); block++) {
      finishWeightedBlock(source, destination, block, 15, 255)
      packLevels(destination + LEVEL_BYTES)
      source += 1024
      importance += 1024
      destination += BLOCK_BYTES
    }
  }
}

/** Two groups of 32 to 32 bytes: the first in the low nibbles, the second in the high ones. */
function packLevels(destination: usize): void {
  for (let at: usize = 0; at < 128; at += 16) {
    const levels = LEVELS + (at & ~31) * 2 + (at & 31)
    v128.store(destination + at, v128.or(v128.load(levels), i8x16.shl(v128.load(levels, 32), 4)))
  }
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ4_K(source: usize, destination: usize, blocks: i32): void {
  const nibble = i8x16.splat(15)
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
        const levels = v128.load(source + LEVEL_BYTES + group * 16 + column)
        storeScaledAndMoved(v128.and(levels, nibble), firstScale, firstOffset, destination + column * 4)
        storeScaledAndMoved(i8x16.shr_u(levels, 4), secondScale, secondOffset, destination + 128 + column * 4)
      }
      destination += 256
    }
    source += BLOCK_BYTES
  }
}
