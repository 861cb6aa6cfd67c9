// TQ1_0: 256 numbers as trits -1, 0, 1, five to a byte, with one half scale, the largest magnitude. For models trained ternary (BitNet b1.58).
// struct block_tq1_0 (ggml-common.h): uint8 qs[48], uint8 qh[4], half d.
import { defineBlockType } from '../block-type.ts'
import { readHalf, writeHalf } from '../floats/half.ts'
import { ternaryLevels } from '../search/ternary.ts'

const SCALE = 52

/** Runs of bytes: byte i of a run holds trits first + i, first + i + bytes, …, the first one being the most significant. */
const RUNS = [
  { at: 0, bytes: 32, first: 0, trits: 5 },
  { at: 32, bytes: 16, first: 160, trits: 5 },
  { at: 48, bytes: 4, first: 240, trits: 4 },
] as const

const levels = new Uint8Array(256)

export const tq1_0 = defineBlockType({
  type: 'TQ1_0',
  halves: [SCALE],
  groupSize: 256,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = readHalf(source, at + SCALE)
    for (const run of RUNS) {
      for (let i = 0; i < run.bytes; i++) {
        // A byte is a fraction of 256; each multiplication by 3 moves the next trit above the point.
        let fraction = source[at + run.at + i]!
        for (let trit = 0; trit < run.trits; trit++) {
          levels[firstLevel + run.first + trit * run.bytes + i] = ((fraction * 3) >> 8) - 1
          fraction = (fraction * 3) & 255
        }
      }
    }
  },
  quantizeBlock(source, first, destination, at) {
    writeHalf(destination, at + SCALE, ternaryLevels(source, first, levels))
    for (const run of RUNS) {
      for (let i = 0; i < run.bytes; i++) {
        let number = 0
        for (let trit = 0; trit < 5; trit++) number = number * 3 + (trit < run.trits ? levels[run.first + trit * run.bytes + i]! : 0)
        destination[at + run.at + i] = Math.ceil((number * 256) / 243)
      }
    }
  },
})
