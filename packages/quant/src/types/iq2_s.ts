// IQ2_S: 256 numbers as magnitudes 8, 25, 43 from a codebook of 1024 points of eight, with free signs, in 16 groups of 16.
// struct block_iq2_s (ggml-common.h): half d, uint8 qs[64] (32 low bytes of points, then 32 bytes of signs), uint8 qh[8] (two high bits per
// point), uint8 scales[8], the low nibble for the even group.
import { defineBlockType } from '../block-type.ts'
import { iq2sCodebook } from '../codebooks/iq2_s.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { type CodebookGroups, oddScale, quantizeCodebookGroups } from '../super-block/codebook-groups.ts'
import { IQ2_VALUES, readNibbleScales, readPoint } from '../super-block/codebook-values.ts'

const POINTS = 2
const SIGNS = 34
const HIGH_BITS = 66
const SCALES = 74
const BYTES = 82

/** The stored scale is the fitted one times this (`quantize_row_iq2_s_impl`, ggml-quants.c). */
const CORRECTION = Math.fround(0.9875)

const GROUPS: CodebookGroups = {
  book: iq2sCodebook,
  search: { largestLevel: 2, trials: 9, step: Math.fround(0.1), refine: 'off-book' },
  groupSize: 16,
  zeroBelow: Math.fround(1e-8),
  signs: 'free',
  spread: 2,
  range: 'largest',
  plainWeight: (value, spread) => Math.fround(0.25 * spread) + Math.fround(value * value),
}

export const iq2_s = defineBlockType({
  type: 'IQ2_S',
  halves: [0],
  groupSize: 16,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    const book = iq2sCodebook()
    readNibbleScales(source, at + SCALES, readHalf(source, at), scales, firstGroup)
    for (let point = 0; point < 32; point++) {
      const high = (source[at + HIGH_BITS + (point >> 2)]! >> (2 * (point & 3))) & 3
      const stored = source[at + POINTS + point]! | (high << 8)
      readPoint(book, stored, IQ2_VALUES, source[at + SIGNS + point]!, levels, firstLevel + 8 * point)
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
  const { points, signs, scales, largestScale } = quantizeCodebookGroups(GROUPS, source, first, importance, column)
  destination.fill(0, at, at + BYTES)
  for (let point = 0; point < 32; point++) {
    destination[at + POINTS + point] = points[point]!
    destination[at + SIGNS + point] = signs[point]!
    const high = at + HIGH_BITS + (point >> 2)
    destination[high] = destination[high]! | ((points[point]! >> 8) << (2 * (point & 3)))
  }
  if (largestScale === 0) return
  const unit = Math.fround(largestScale / 31)
  const inverse = Math.fround(1 / unit)
  writeHalf(destination, at, Math.fround(unit * CORRECTION))
  for (let pair = 0; pair < 8; pair++) {
    destination[at + SCALES + pair] = oddScale(scales[2 * pair]!, inverse, 15) | (oddScale(scales[2 * pair + 1]!, inverse, 15) << 4)
  }
}
