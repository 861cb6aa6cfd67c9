// Q8_K: 256 numbers as int8 with one float32 scale. What ggml turns activations into before multiplying; not meant for files, so decoding only.
// struct block_q8_K (ggml-common.h): float d, int8 qs[256], int16 bsums[16] (sums of 16 levels each, not needed to decode).
import { defineBlockType } from '../block-type.ts'
import { bitsFloat } from '../floats/bits.ts'

export const q8_k = defineBlockType({
  type: 'Q8_K',
  halves: [],
  groupSize: 256,
  hasWideIntegers: true,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = bitsFloat(source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24))
    for (let i = 0; i < 256; i++) levels[firstLevel + i] = source[at + 4 + i]!
  },
})
