// Q8_1: 32 numbers as int8 with a half scale and the half product of scale and sum of levels. A format for activations: no file type uses it.
// struct block_q8_1 (ggml-common.h): half d, half s, int8 qs[32].
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { roundHalfAway } from '../search/nearest-integer.ts'

export const q8_1 = defineBlockType({
  type: 'Q8_1',
  halves: [0, 2],
  groupSize: 32,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = readHalf(source, at)
    for (let i = 0; i < 32; i++) levels[firstLevel + i] = source[at + 4 + i]!
  },
  quantizeBlock(source, first, destination, at) {
    let magnitude = 0
    for (let i = 0; i < 32; i++) magnitude = Math.max(magnitude, Math.abs(source[first + i]!))
    const scale = Math.fround(magnitude / 127)
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    let sum = 0
    for (let i = 0; i < 32; i++) {
      const level = roundHalfAway(Math.fround(source[first + i]! * inverse))
      destination[at + 4 + i] = level
      sum += level
    }
    writeHalf(destination, at, scale)
    writeHalf(destination, at + 2, Math.fround(sum * scale))
  },
})
