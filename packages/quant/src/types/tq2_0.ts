// TQ2_0: 256 numbers as trits -1, 0, 1, two bits each, with one half scale, the largest magnitude. For models trained ternary (BitNet b1.58).
// struct block_tq2_0 (ggml-common.h): uint8 qs[64], half d; byte 32 h + i holds, from its low bits up, trits 128 h + i, + 32, + 64, + 96.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { ternaryLevels } from '../search/ternary.ts'
import { packTwoBitLevels, twoBitLevel } from '../super-block/two-bit-levels.ts'

const SCALE = 64

const levels = new Uint8Array(256)

export const tq2_0 = defineBlockType({
  type: 'TQ2_0',
  halves: [SCALE],
  groupSize: 256,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = readHalf(source, at + SCALE)
    for (let i = 0; i < 256; i++) levels[firstLevel + i] = twoBitLevel(source, at, i) - 1
  },
  quantizeBlock(source, first, destination, at) {
    writeHalf(destination, at + SCALE, ternaryLevels(source, first, levels))
    packTwoBitLevels(levels, destination, at)
  },
})
