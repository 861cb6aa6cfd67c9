// IQ3_XXS: 256 numbers as eight magnitudes 4 … 62 from a codebook of 256 points of four, with signs of even parity, in 8 groups of 32.
// struct block_iq3_xxs (ggml-common.h): half d, uint8 qs[96]: 64 point numbers, then per group a little-endian uint32 of four times seven
// sign bits under a 4-bit scale.
import { defineBlockType } from '../block-type.ts'
import { iq3xxsCodebook } from '../codebooks/iq3_xxs.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { type CodebookGroups, evenSigns, oddScale, quantizeCodebookGroups } from '../super-block/codebook-groups.ts'
import { IQ3_XXS_VALUES, readPoint } from '../super-block/codebook-values.ts'

const POINTS = 2
const SIGNS_AND_SCALES = 66
const BYTES = 98

/** The stored scale is the fitted one times this (`quantize_row_iq3_xxs_impl`, ggml-quants.c). */
const CORRECTION = Math.fround(1.0125)

const GROUPS: CodebookGroups = {
  book: iq3xxsCodebook,
  search: { largestLevel: 7, trials: 15, step: Math.fround(0.2), refine: 'off-book' },
  groupSize: 32,
  zeroBelow: Math.fround(1e-8),
  signs: 'even',
  spread: 2,
  range: 'largest',
  plainWeight: (value) => value * value,
}

export const iq3_xxs = defineBlockType({
  type: 'IQ3_XXS',
  halves: [0],
  groupSize: 32,
  hasWideIntegers: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    const book = iq3xxsCodebook()
    const scale = readHalf(source, at)
    for (let group = 0; group < 8; group++) {
      const stored = at + SIGNS_AND_SCALES + 4 * group
      const signsAndScale = source[stored]! | (source[stored + 1]! << 8) | (source[stored + 2]! << 16) | (source[stored + 3]! << 24)
      scales[firstGroup + group] = Math.fround(scale * (0.5 + (signsAndScale >>> 28))) * 0.5
      for (let point = 0; point < 8; point++) {
        const signs = evenSigns((signsAndScale >>> (7 * (point >> 1))) & 127) >> (4 * (point & 1))
        const index = source[at + POINTS + 8 * group + point]!
        readPoint(book, index, IQ3_XXS_VALUES, signs, levels, firstLevel + 32 * group + 4 * point)
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
  const { points, signs, scales, largestScale } = quantizeCodebookGroups(GROUPS, source, first, importance, column)
  if (largestScale === 0) {
    destination.fill(0, at, at + BYTES)
    return
  }
  const unit = Math.fround(largestScale / 31)
  const inverse = Math.fround(1 / unit)
  writeHalf(destination, at, Math.fround(unit * CORRECTION))
  for (let point = 0; point < 64; point++) destination[at + POINTS + point] = points[point]!
  for (let group = 0; group < 8; group++) {
    let signsAndScale = oddScale(scales[group]!, inverse, 15) << 28
    for (let eight = 0; eight < 4; eight++) signsAndScale |= (signs[4 * group + eight]! & 127) << (7 * eight)
    for (let byte = 0; byte < 4; byte++) destination[at + SIGNS_AND_SCALES + 4 * group + byte] = signsAndScale >>> (8 * byte)
  }
}
