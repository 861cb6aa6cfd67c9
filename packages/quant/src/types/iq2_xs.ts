// IQ2_XS: 256 numbers as magnitudes 8, 25, 43 from a codebook of 512 points of eight, with signs of even parity, in 16 groups of 16.
// struct block_iq2_xs (ggml-common.h): half d, uint16 qs[32] (9 bits point, 7 bits signs), uint8 scales[8], the low nibble for the even group.
import { defineBlockType } from '../block-type.ts'
import { iq2xsCodebook } from '../codebooks/iq2_xs.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { type CodebookGroups, evenSigns, oddScale, quantizeCodebookGroups } from '../super-block/codebook-groups.ts'
import { IQ2_VALUES, readNibbleScales, readPoint } from '../super-block/codebook-values.ts'

const POINTS = 2
const SCALES = 66
const BYTES = 74

const GROUPS: CodebookGroups = {
  book: iq2xsCodebook,
  search: { largestLevel: 2, trials: 9, step: Math.fround(0.1), refine: 'off-book' },
  groupSize: 16,
  zeroBelow: Math.fround(1e-15),
  signs: 'even',
  spread: 1,
  range: 'largest',
}

export const iq2_xs = defineBlockType({
  type: 'IQ2_XS',
  halves: [0],
  groupSize: 16,
  hasWideIntegers: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    const book = iq2xsCodebook()
    readNibbleScales(source, at + SCALES, readHalf(source, at), scales, firstGroup)
    for (let point = 0; point < 32; point++) {
      const stored = source[at + POINTS + 2 * point]! | (source[at + POINTS + 2 * point + 1]! << 8)
      readPoint(book, stored & 511, IQ2_VALUES, evenSigns(stored >> 9), levels, firstLevel + 8 * point)
    }
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column) {
    const { points, signs, scales, largestScale } = quantizeCodebookGroups(GROUPS, source, first, importance, column)
    if (largestScale === 0) {
      destination.fill(0, at, at + BYTES)
      return
    }
    const unit = Math.fround(largestScale / 31)
    const inverse = Math.fround(1 / unit)
    writeHalf(destination, at, unit)
    for (let point = 0; point < 32; point++) {
      const stored = points[point]! | ((signs[point]! & 127) << 9)
      destination[at + POINTS + 2 * point] = stored
      destination[at + POINTS + 2 * point + 1] = stored >> 8
    }
    for (let pair = 0; pair < 8; pair++) {
      destination[at + SCALES + pair] = oddScale(scales[2 * pair]!, inverse, 15) | (oddScale(scales[2 * pair + 1]!, inverse, 15) << 4)
    }
  },
})
