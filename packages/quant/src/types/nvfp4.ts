// NVFP4: 64 numbers as 4-bit floats (E2M1) in 4 groups of 16, each with an unsigned E4M3 scale.
// struct block_nvfp4 (ggml-common.h): uint8 d[4], uint8 qs[32]; the low nibble of byte 8 g + i is number 16 g + i, the high one 16 g + 8 + i.
// Magnitudes beyond 6 * 448 are clipped: the format has no infinity, and models keep a per-tensor scale beside it.
import { defineBlockType } from '../block-type.ts'
import { DOUBLED_E2M1, floatToUe4m3, halvedUe4m3, nearestE2m1 } from '../floats/small-floats.ts'

export const nvfp4 = defineBlockType({
  type: 'NVFP4',
  halves: [],
  groupSize: 16,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    for (let group = 0; group < 4; group++) {
      scales[firstGroup + group] = halvedUe4m3(source[at + group]!)
      for (let i = 0; i < 8; i++) {
        const pair = source[at + 4 + 8 * group + i]!
        levels[firstLevel + 16 * group + i] = DOUBLED_E2M1[pair & 15]!
        levels[firstLevel + 16 * group + 8 + i] = DOUBLED_E2M1[pair >> 4]!
      }
    }
  },
  quantizeBlock(source, first, destination, at) {
    for (let group = 0; group < 4; group++) {
      const start = first + 16 * group
      let magnitude = 0
      for (let i = 0; i < 16; i++) magnitude = Math.max(magnitude, Math.abs(source[start + i]!))
      const stored = floatToUe4m3(Math.fround(magnitude / 6))
      const scale = halvedUe4m3(stored)
      destination[at + group] = stored
      for (let i = 0; i < 8; i++) {
        const low = nearestE2m1(source[start + i]!, scale)
        const high = nearestE2m1(source[start + 8 + i]!, scale)
        destination[at + 4 + 8 * group + i] = low | (high << 4)
      }
    }
  },
})
