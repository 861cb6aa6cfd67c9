// Q4_K: 256 numbers as 4-bit levels in 8 groups of 32, each with a 6-bit scale and minimum.
// struct block_q4_K (ggml-common.h): half d, half dmin, uint8 scales[12], uint8 qs[128]; byte 32 g + i holds levels 64 g + i and 64 g + 32 + i.
import { defineBlockType } from '../block-type.ts'
import type { RangeSearch } from '../search/scale-and-minimum.ts'
import { quantizeGroups, quantizeWeightedGroups, readGroups } from '../super-block/scales-and-minimums.ts'

const LEVELS = 16
const SEARCH: RangeSearch = { largestLevel: 15, start: -1, step: Math.fround(0.1), steps: 20, error: 'squared' }

const levels = new Uint8Array(256)

export const q4_k = defineBlockType({
  type: 'Q4_K',
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
    quantizeWeightedGroups(SEARCH.largestLevel, 255, source, first, destination, at, importance, column, levels)
    packLevels(destination, at)
  },
})

function readLevel(source: Uint8Array, at: number, i: number): number {
  return (source[at + LEVELS + (i >> 6) * 32 + (i & 31)]! >> (i & 32 ? 4 : 0)) & 15
}

function packLevels(destination: Uint8Array, at: number): void {
  for (let pair = 0; pair < 4; pair++) {
    for (let i = 0; i < 32; i++) {
      destination[at + LEVELS + 32 * pair + i] = levels[64 * pair + i]! | (levels[64 * pair + 32 + i]! << 4)
    }
  }
}
