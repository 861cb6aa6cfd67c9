// IQ3_S: 256 numbers as eight magnitudes 1 … 15 from a codebook of 512 points of four, with free signs, in 8 groups of 32.
// struct block_iq3_s (ggml-common.h): half d, uint8 qs[64] low bytes of points, uint8 qh[8] (a high bit per point), uint8 signs[32],
// uint8 scales[4], the low nibble for the even group.
import { defineBlockType } from '../block-type.ts'
import { iq3sCodebook } from '../codebooks/iq3_s.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { type CodebookGroups, oddScale, quantizeCodebookGroups } from '../super-block/codebook-groups.ts'
import { IQ3_S_VALUES, readPoint } from '../super-block/codebook-values.ts'

const POINTS = 2
const HIGH_BITS = 66
const SIGNS = 74
const SCALES = 106
const BYTES = 110

/** The stored scale is the fitted one times this (`quantize_row_iq3_s_impl`, ggml-quants.c). */
const CORRECTION = Math.fround(1.033)

const GROUPS: CodebookGroups = {
  book: iq3sCodebook,
  search: { largestLevel: 7, trials: 9, step: Math.fround(0.2), refine: 'all-if-any-off-book' },
  groupSize: 32,
  zeroBelow: 0,
  signs: 'free',
  spread: 2,
  range: 'largest',
  plainWeight: (value) => value * value,
}

export const iq3_s = defineBlockType({
  type: 'IQ3_S',
  halves: [0],
  groupSize: 32,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    const book = iq3sCodebook()
    const scale = readHalf(source, at)
    for (let group = 0; group < 8; group++) {
      scales[firstGroup + group] = scale * (1 + 2 * ((source[at + SCALES + (group >> 1)]! >> (4 * (group & 1))) & 15))
      for (let point = 0; point < 8; point++) {
        const index = source[at + POINTS + 8 * group + point]! | (((source[at + HIGH_BITS + group]! >> point) & 1) << 8)
        const signs = source[at + SIGNS + 4 * group + (point >> 1)]! >> (4 * (point & 1))
        readPoint(book, index, IQ3_S_VALUES, signs, levels, firstLevel + 32 * group + 4 * point)
      }
    }
  },
  quantizeBlock(source, first, destination, at) {
    encode(source, first, destination, at, undefined, 0)
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column) {
    encode(source, first, destination, at, importance, column)
  },
})

function encode(
  source: Float32Array,
  first: number,
  destination: Uint8Array,
  at: number,
  importance: Float32Array | undefined,
  column: number,
): void {
  const { points, signs, scales, isStored, largestScale } = quantizeCodebookGroups(GROUPS, source, first, importance, column)
  destination.fill(0, at, at + BYTES)
  // A slip of ggml that equal bytes need: a group of zeros does not take its place, so the low bytes and signs of later groups move up
  // by one, while their high bits and scales stay. Such blocks (a whole group of 32 zeros beside other numbers) decode wrongly.
  let slot = 0
  for (let group = 0; group < 8; group++) {
    if (isStored[group] === 0) continue
    for (let point = 0; point < 8; point++) {
      const index = points[8 * group + point]!
      destination[at + POINTS + 8 * slot + point] = index
      destination[at + HIGH_BITS + group] = destination[at + HIGH_BITS + group]! | ((index >> 8) << point)
    }
    for (let eight = 0; eight < 4; eight++) destination[at + SIGNS + 4 * slot + eight] = signs[4 * group + eight]!
    slot++
  }
  if (largestScale === 0) return
  const unit = Math.fround(largestScale / 31)
  const inverse = Math.fround(1 / unit)
  writeHalf(destination, at, Math.fround(unit * CORRECTION))
  for (let pair = 0; pair < 4; pair++) {
    destination[at + SCALES + pair] = oddScale(scales[2 * pair]!, inverse, 15) | (oddScale(scales[2 * pair + 1]!, inverse, 15) << 4)
  }
}
