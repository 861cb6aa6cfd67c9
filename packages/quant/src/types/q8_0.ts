// Q8_0: 32 numbers as int8 with one half scale. struct block_q8_0 (ggml-common.h): half d, int8 qs[32].
// gguf-py's encoder, which convert_hf_to_gguf uses, does the same arithmetic: one function serves both tools' files.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { roundHalfAway } from '../search/nearest-integer.ts'

export const q8_0 = defineBlockType({
  type: 'Q8_0',
  halves: [0],
  groupSize: 32,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = readHalf(source, at)
    for (let i = 0; i < 32; i++) levels[firstLevel + i] = source[at + 2 + i]!
  },
  quantizeBlock(source, first, destination, at) {
    let magnitude = 0
    for (let i = 0; i < 32; i++) magnitude = Math.max(magnitude, Math.abs(source[first + i]!))
    // Levels follow the scale before it is rounded to a half.
    const scale = Math.fround(magnitude / 127)
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    writeHalf(destination, at, scale)
    for (let i = 0; i < 32; i++) destination[at + 2 + i] = roundHalfAway(Math.fround(source[first + i]! * inverse))
  },
})
