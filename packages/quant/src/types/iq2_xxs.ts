// IQ2_XXS: 256 numbers as magnitudes 8, 25, 43 from a codebook of 256 points of eight, with signs of even parity, in 8 groups of 32.
// struct block_iq2_xxs (ggml-common.h): half d, uint16 qs[32]; eight bytes per group: four point numbers, then a little-endian uint32 of
// four times seven sign bits under a 4-bit scale.
import { defineBlockType } from '../block-type.ts'
import { iq2xxsCodebook } from '../codebooks/iq2_xxs.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { type CodebookGroups, evenSigns, oddScale, quantizeCodebookGroups } from '../super-block/codebook-groups.ts'
import { IQ2_VALUES, readPoint } from '../super-block/codebook-values.ts'

const BYTES = 66

const GROUPS: CodebookGroups = {
  book: iq2xxsCodebook,
  search: { largestLevel: 2, trials: 6, step: Math.fround(0.1), refine: 'all' },
  groupSize: 32,
  zeroBelow: Math.fround(1e-15),
  signs: 'even',
  spread: 1,
  range: 'fitted',
}

export const iq2_xxs = defineBlockType({
  type: 'IQ2_XXS',
  halves: [0],
  groupSize: 32,
  hasWideIntegers: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    const book = iq2xxsCodebook()
    const scale = readHalf(source, at)
    for (let group = 0; group < 8; group++) {
      const start = at + 2 + 8 * group
      const signsAndScale = source[start + 4]! | (source[start + 5]! << 8) | (source[start + 6]! << 16) | (source[start + 7]! << 24)
      scales[firstGroup + group] = Math.fround(scale * (0.5 + (signsAndScale >>> 28))) * 0.25
      for (let point = 0; point < 4; point++) {
        const signs = evenSigns((signsAndScale >>> (7 * point)) & 127)
        readPoint(book, source[start + point]!, IQ2_VALUES, signs, levels, firstLevel + 32 * group + 8 * point)
      }
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
    for (let group = 0; group < 8; group++) {
      const start = at + 2 + 8 * group
      let signsAndScale = oddScale(scales[group]!, inverse, 15) << 28
      for (let point = 0; point < 4; point++) {
        destination[start + point] = points[4 * group + point]!
        signsAndScale |= (signs[4 * group + point]! & 127) << (7 * point)
      }
      for (let byte = 0; byte < 4; byte++) destination[start + 4 + byte] = signsAndScale >>> (8 * byte)
    }
  },
})
