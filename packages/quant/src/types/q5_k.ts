// Q5_K: 256 numbers as 5-bit levels in 8 groups of 32, each with a 6-bit scale and minimum.
// struct block_q5_K (ggml-common.h): half d, half dmin, uint8 scales[12], uint8 qh[32], uint8 qs[128]; low nibbles as in Q4_K, and bit g
// of qh[i] is the high bit of level 32 g + i.
import { defineBlockType } from '../block-type.ts'
import type { RangeSearch } from '../search/scale-and-minimum.ts'
import { quantizeGroups, quantizeWeightedGroups, readGroups } from '../super-block/scales-and-minimums.ts'

const HIGH = 16
const LOW = 48
const SEARCH: RangeSearch = { largestLevel: 31, start: -0.5, step: Math.fround(0.1), steps: 15, error: 'squared' }

const levels = new Uint8Array(256)

export const q5_k = defineBlockType({
  type: 'Q5_K',
  halves: [0, 2],
  groupSize: 32,
  hasMinimums: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup, minimums) {
    readGroups(source, at, scales, minimums, firstGroup)
    for (let i = 0; i < 256; i++) levels[firstLevel + i] = readLevel(source, at, i)
  },
  quantizeBlock(source, first, destination, at) {
    quantizeGroups(SEARCH, source, first, destination, at, levels)
    packLevels(destination, at)
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column) {
    quantizeWeightedGroups(SEARCH.largestLevel, 63, source, first, destination, at, importance, column, levels)
    packLevels(destination, at)
  },
})

function readLevel(source: Uint8Array, at: number, i: number): number {
  const low = (source[at + LOW + (i >> 6) * 32 + (i & 31)]! >> (i & 32 ? 4 : 0)) & 15
  return low | (((source[at + HIGH + (i & 31)]! >> (i >> 5)) & 1) << 4)
}

function packLevels(destination: Uint8Array, at: number): void {
  destination.fill(0, at + HIGH, at + LOW)
  for (let pair = 0; pair < 4; pair++) {
    for (let i = 0; i < 32; i++) {
      const first = levels[64 * pair + i]!
      const second = levels[64 * pair + 32 + i]!
      destination[at + LOW + 32 * pair + i] = (first & 15) | ((second & 15) << 4)
      const bits = (first >> 4) | ((second >> 4) << 1)
      destination[at + HIGH + i] = destination[at + HIGH + i]! | (bits << (2 * pair))
    }
  }
}
