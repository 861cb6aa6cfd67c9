// Shortcuts for the types most files are made of: whole blocks straight into packed integers, five to ten times faster than by levels.
// What they give is by test the same as the general way of `repack.ts`; structs are in ggml-common.h.
import type { GgmlType } from '@fs/core'
import { halfToFloat } from '../floats/half.ts'

/** Whole blocks as the operator's inputs, and what is added to their products. */
export type MatMulNBitsArrays = {
  /** Weights in order, two to a byte (the earlier in the low nibble) or one. */
  readonly integers: Uint8Array
  /** One for each block, [rows, blocks]. */
  readonly scales: Float32Array
  /** The same shape; empty where the format has no minimums. */
  readonly addends: Float32Array
}

/**
 * Takes apart the ggml block at byte `at` of `source`.
 * @param byte where its integers start in `arrays.integers`
 * @param group where its scales start in `arrays.scales`, and its addends in `arrays.addends`
 */
type RepackBlock = (source: Uint8Array, at: number, arrays: MatMulNBitsArrays, byte: number, group: number) => void

const f32 = Math.fround

export const REPACKING_SHORTCUTS: { readonly [Type in GgmlType]?: RepackBlock } = {
  Q4_0: (source, at, { integers, scales }, byte, group) => {
    scales[group] = half(source, at)
    pairNibbles(source, at + 2, 16, integers, byte)
  },

  Q8_0: (source, at, { integers, scales }, byte, group) => {
    scales[group] = half(source, at)
    // Flipping the sign bit adds 128 to a two's complement byte.
    for (let i = 0; i < 32; i++) integers[byte + i] = source[at + 2 + i]! ^ 0x80
  },

  Q4_K: (source, at, { integers, scales, addends }, byte, group) => {
    sixBitScales(source, at, 8, scales, addends, group)
    for (let pair = 0; pair < 4; pair++) pairNibbles(source, at + 16 + 32 * pair, 32, integers, byte + 32 * pair)
  },

  Q5_K: (source, at, { integers, scales, addends }, byte, group) => {
    sixBitScales(source, at, 16, scales, addends, group)
    // Level 16 is stored as 128.
    for (let pair = 0; pair < 4; pair++) {
      const low = at + 48 + 32 * pair
      const first = byte + 64 * pair
      for (let i = 0; i < 32; i++) {
        const both = source[low + i]!
        const highBits = source[at + 16 + i]! >> (2 * pair)
        integers[first + i] = (both & 15) + ((highBits & 1) << 4) + 112
        integers[first + 32 + i] = (both >> 4) + ((highBits & 2) << 3) + 112
      }
    }
  },

  Q6_K: (source, at, { integers, scales }, byte, group) => {
    const scale = half(source, at + 208)
    for (let i = 0; i < 16; i++) scales[group + i] = scale * ((source[at + 192 + i]! << 24) >> 24)
    // Level 32 stands for zero and is stored as 128.
    for (let part = 0; part < 2; part++) {
      const low = at + 64 * part
      const high = at + 128 + 32 * part
      const first = byte + 128 * part
      for (let i = 0; i < 32; i++) {
        const left = source[low + i]!
        const right = source[low + 32 + i]!
        const bits = source[high + i]!
        integers[first + i] = (left & 15) + ((bits & 3) << 4) + 96
        integers[first + 32 + i] = (right & 15) + ((bits & 12) << 2) + 96
        integers[first + 64 + i] = (left >> 4) + (bits & 48) + 96
        integers[first + 96 + i] = (right >> 4) + ((bits & 192) >> 2) + 96
      }
    }
  },
}

/**
 * ggml keeps numbers `count` apart in one byte, MatMulNBits neighbours.
 * @param count bytes of the source; they hold the first `count` numbers in their low nibbles, the next `count` in the high ones
 */
function pairNibbles(source: Uint8Array, at: number, count: number, integers: Uint8Array, byte: number): void {
  const pairs = count >> 1
  for (let i = 0; i < pairs; i++) {
    const first = source[at + 2 * i]!
    const second = source[at + 2 * i + 1]!
    integers[byte + i] = (first & 15) | ((second & 15) << 4)
    integers[byte + pairs + i] = (first >> 4) | (second & 0xf0)
  }
}

/**
 * Q4_K's and Q5_K's head: half d, half dmin, then 12 bytes with 6-bit scales and minimums of 8 groups. The first four have bytes of
 * their own; the others' low nibbles are in bytes 8 to 11, their two high bits on top of the first four.
 * @param middle level whose weight the addend is
 */
function sixBitScales(source: Uint8Array, at: number, middle: number, scales: Float32Array, addends: Float32Array, group: number): void {
  const scale = half(source, at)
  const minimum = half(source, at + 2)
  for (let i = 0; i < 8; i++) {
    const own = i & 3
    const scaleByte = source[at + 4 + own]!
    const minimumByte = source[at + 8 + own]!
    const lowBits = source[at + 12 + own]!
    const groupScale = f32(scale * (i < 4 ? scaleByte & 63 : (lowBits & 15) | ((scaleByte >> 6) << 4)))
    const groupMinimum = f32(minimum * (i < 4 ? minimumByte & 63 : (lowBits >> 4) | ((minimumByte >> 6) << 4)))
    scales[group + i] = groupScale
    addends[group + i] = middle * groupScale - groupMinimum
  }
}

function half(source: Uint8Array, at: number): number {
  return halfToFloat(source[at]! | (source[at + 1]! << 8))
}
