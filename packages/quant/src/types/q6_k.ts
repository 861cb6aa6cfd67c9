// Q6_K: 256 numbers as 6-bit levels -32 … 31 in 16 groups of 16, each with an int8 scale over one half.
// struct block_q6_K (ggml-common.h): uint8 ql[128] low 4 bits, uint8 qh[64] high 2 bits, int8 scales[16], half d.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { nearestClamped, nearestInteger } from '../search/nearest-integer.ts'
import { searchSignedScale, ZERO_GROUP } from '../search/signed-scale.ts'

const HIGH = 128
const SCALES = 192
const SCALE = 208
const BYTES = 210

const levels = new Uint8Array(256)
const weights = new Float32Array(256)
const groupScales = new Float32Array(16)

export const q6_k = defineBlockType({
  type: 'Q6_K',
  halves: [SCALE],
  groupSize: 16,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    const scale = readHalf(source, at + SCALE)
    for (let group = 0; group < 16; group++) scales[firstGroup + group] = scale * ((source[at + SCALES + group]! << 24) >> 24)
    for (let i = 0; i < 256; i++) levels[firstLevel + i] = readLevel(source, at, i) - 32
  },
  quantizeBlock(source, first, destination, at) {
    for (let i = 0; i < 256; i++) weights[i] = source[first + i]! * source[first + i]!
    encode(source, first, destination, at, weights, 0)
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column) {
    encode(source, first, destination, at, importance, column)
  },
})

/** Both halves of the block hold 128 numbers: 32 columns of 4, `quarter` choosing the nibble and the bit pair. */
function readLevel(source: Uint8Array, at: number, i: number): number {
  const half = i >> 7
  const quarter = (i >> 5) & 3
  const column = i & 31
  const low = source[at + half * 64 + (quarter & 1) * 32 + column]! >> (quarter & 2 ? 4 : 0)
  const high = source[at + HIGH + half * 32 + column]! >> (2 * quarter)
  return (low & 15) | ((high & 3) << 4)
}

function encode(
  source: Float32Array,
  first: number,
  destination: Uint8Array,
  at: number,
  weighting: Float32Array,
  firstWeight: number,
): void {
  let extreme = 0
  let magnitude = 0
  for (let group = 0; group < 16; group++) {
    const scale = searchSignedScale(16, 32, source, first + 16 * group, weighting, firstWeight + 16 * group, levels, 16 * group)
    groupScales[group] = scale
    if (Math.abs(scale) > magnitude) {
      magnitude = Math.abs(scale)
      extreme = scale
    }
  }
  if (magnitude < ZERO_GROUP) {
    destination.fill(0, at, at + BYTES)
    return
  }

  const inverse = Math.fround(-128 / extreme)
  const scale = writeHalf(destination, at + SCALE, Math.fround(1 / inverse))
  for (let group = 0; group < 16; group++) {
    const stored = (Math.min(127, nearestInteger(Math.fround(inverse * groupScales[group]!))) << 24) >> 24
    destination[at + SCALES + group] = stored
    const groupScale = Math.fround(scale * stored)
    if (groupScale === 0) continue // keeps the levels of the search, as ggml does
    for (let i = 16 * group; i < 16 * group + 16; i++) {
      levels[i] = nearestClamped(Math.fround(source[first + i]! / groupScale), -32, 31) + 32
    }
  }
  packLevels(destination, at)
}

function packLevels(destination: Uint8Array, at: number): void {
  for (let half = 0; half < 2; half++) {
    for (let column = 0; column < 32; column++) {
      const i = half * 128 + column
      const first = levels[i]!
      const second = levels[i + 32]!
      const third = levels[i + 64]!
      const fourth = levels[i + 96]!
      destination[at + half * 64 + column] = (first & 15) | ((third & 15) << 4)
      destination[at + half * 64 + 32 + column] = (second & 15) | ((fourth & 15) << 4)
      destination[at + HIGH + half * 32 + column] = (first >> 4) | ((second >> 4) << 2) | ((third >> 4) << 4) | ((fourth >> 4) << 6)
    }
  }
}
