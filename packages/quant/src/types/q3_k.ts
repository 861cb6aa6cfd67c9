// Q3_K: 256 numbers as 3-bit levels -4 … 3 in 16 groups of 16, each with a signed 6-bit scale.
// struct block_q3_K (ggml-common.h): uint8 hmask[32] (bit g of byte i: high bit of level 32 g + i), uint8 qs[64] low 2 bits,
// uint8 scales[12], half d. Scale g has its low nibble in byte g % 8 (high half for g >= 8), its high bits in byte 8 + g % 4.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { rowSpreadWeights } from '../search/importance-weights.ts'
import { descendSignedScale } from '../search/level-descent.ts'
import { nearestClamped, nearestInteger } from '../search/nearest-integer.ts'
import { searchSignedScale } from '../search/signed-scale.ts'
import { sumOfSquares } from '../super-block/sum-of-squares.ts'
import { packTwoBitLevels, twoBitLevel } from '../super-block/two-bit-levels.ts'

const LEVELS = 32
const SCALES = 96
const SCALE = 108

const levels = new Uint8Array(256)
const weights = new Float32Array(16)
const scales = new Float32Array(16)
const groupWeights = new Float32Array(16)
const storedScales = new Uint8Array(16)

export const q3_k = defineBlockType({
  type: 'Q3_K',
  halves: [SCALE],
  groupSize: 16,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    const scale = readHalf(source, at + SCALE)
    for (let group = 0; group < 16; group++) scales[firstGroup + group] = scale * readScale(source, at, group)
    for (let i = 0; i < 256; i++) {
      const highBit = (source[at + (i & 31)]! >> (i >> 5)) & 1
      levels[firstLevel + i] = twoBitLevel(source, at + LEVELS, i) - (highBit ? 0 : 4)
    }
  },
  quantizeBlock(source, first, destination, at) {
    let extreme = 0
    let magnitude = 0
    for (let group = 0; group < 16; group++) {
      const scale = descendSignedScale(16, 4, source, first + 16 * group, levels, 16 * group)
      scales[group] = scale
      if (Math.abs(scale) > magnitude) {
        magnitude = Math.abs(scale)
        extreme = scale
      }
    }
    const inverse = extreme === 0 ? 0 : Math.fround(-32 / extreme)
    for (let group = 0; group < 16; group++) {
      // Without any scale ggml leaves all twelve bytes zero, which is level -32.
      const nearest = (nearestInteger(Math.fround(inverse * scales[group]!)) << 24) >> 24
      storedScales[group] = extreme === 0 ? 0 : Math.max(-32, Math.min(31, nearest)) + 32
    }
    finish(source, first, destination, at, extreme === 0 ? 0 : Math.fround(1 / inverse))
  },
  quantizeWeightedBlock(source, first, destination, at, importance, column) {
    const meanSquare = Math.fround(Math.fround(2 * sumOfSquares(source, first, 256)) / 256)
    for (let group = 0; group < 16; group++) {
      const start = 16 * group
      rowSpreadWeights(16, source, first + start, importance, column + start, meanSquare, weights)
      let sum = 0
      for (let i = 0; i < 16; i++) sum = Math.fround(sum + weights[i]!)
      groupWeights[group] = sum
      scales[group] = searchSignedScale(16, 4, source, first + start, weights, 0, levels, start)
    }
    const scale = searchSignedScale(16, 32, scales, 0, groupWeights, 0, storedScales, 0)
    finish(source, first, destination, at, scale)
  },
})

/** The signed scale of a group, -32 … 31. */
function readScale(source: Uint8Array, at: number, group: number): number {
  const low = (source[at + SCALES + (group & 7)]! >> (group < 8 ? 0 : 4)) & 15
  const high = (source[at + SCALES + 8 + (group & 3)]! >> (2 * (group >> 2))) & 3
  return (low | (high << 4)) - 32
}

function packScales(destination: Uint8Array, at: number): void {
  for (let group = 0; group < 8; group++) {
    destination[at + SCALES + group] = (storedScales[group]! & 15) | ((storedScales[group + 8]! & 15) << 4)
  }
  for (let group = 0; group < 4; group++) {
    let bits = 0
    for (let row = 0; row < 4; row++) bits |= (storedScales[group + 4 * row]! >> 4) << (2 * row)
    destination[at + SCALES + 8 + group] = bits
  }
}

/** Stores the scales, then rounds every number again against what was stored. */
function finish(source: Float32Array, first: number, destination: Uint8Array, at: number, scale: number): void {
  packScales(destination, at)
  const decodedScale = writeHalf(destination, at + SCALE, scale)
  for (let group = 0; group < 16; group++) {
    const groupScale = Math.fround(decodedScale * readScale(destination, at, group))
    if (groupScale === 0) continue // keeps the levels of the search, as ggml does
    for (let i = group * 16; i < group * 16 + 16; i++) {
      levels[i] = nearestClamped(Math.fround(source[first + i]! / groupScale), -4, 3) + 4
    }
  }
  for (let i = 0; i < 32; i++) {
    let highBits = 0
    for (let group = 0; group < 8; group++) highBits |= (levels[32 * group + i]! >> 2) << group
    destination[at + i] = highBits
  }
  packTwoBitLevels(levels, destination, at + LEVELS)
}
