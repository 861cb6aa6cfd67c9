// The 256-wide K types, Q2_K to Q6_K: groups of 16 or 32 with small scales over one half (structs in ggml-common.h).
// Each product of scales is rounded to float32 once, as ggml's dequantize_row_* does.
import { pairNibbles } from './plain-types.ts'
import { half, type Splitter } from './splitter.ts'

const f32 = Math.fround

export const q2_k: Splitter = {
  format: { kind: 'blocks', bits: 4, blockSize: 16, minimums: true, levels: 'stored' },
  split(source, at, { integers, scales, addends }, byte, group) {
    const scale = half(source, at + 80)
    const minimum = half(source, at + 82)
    for (let i = 0; i < 16; i++) {
      const stored = source[at + i]!
      const groupScale = f32(scale * (stored & 15))
      scales[group + i] = groupScale
      addends[group + i] = groupScale - f32(minimum * (stored >> 4))
    }
    // Level 1 is stored as 8.
    for (let i = 0; i < 128; i++) integers[byte + i] = twoBits(source, at + 16, 2 * i) + (twoBits(source, at + 16, 2 * i + 1) << 4) + 0x77
  },
}

export const q3_k: Splitter = {
  format: { kind: 'blocks', bits: 4, blockSize: 16, minimums: false, levels: 'stored' },
  split(source, at, { integers, scales }, byte, group) {
    const scale = half(source, at + 108)
    for (let i = 0; i < 16; i++) {
      const low = (source[at + 96 + (i & 7)]! >> (i < 8 ? 0 : 4)) & 15
      const high = (source[at + 104 + (i & 3)]! >> (2 * (i >> 2))) & 3
      scales[group + i] = scale * ((low | (high << 4)) - 32)
    }
    // Level 4 stands for zero and is stored as 8.
    for (let i = 0; i < 128; i++) integers[byte + i] = threeBits(source, at, 2 * i) + (threeBits(source, at, 2 * i + 1) << 4) + 0x44
  },
}

export const q4_k: Splitter = {
  format: { kind: 'blocks', bits: 4, blockSize: 32, minimums: true, levels: 'stored' },
  split(source, at, { integers, scales, addends }, byte, group) {
    sixBitScales(source, at, 8, scales, addends, group)
    for (let pair = 0; pair < 4; pair++) pairNibbles(source, at + 16 + 32 * pair, 32, integers, byte + 32 * pair)
  },
}

export const q5_k: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 32, minimums: true, levels: 'stored' },
  split(source, at, { integers, scales, addends }, byte, group) {
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
}

export const q6_k: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 16, minimums: false, levels: 'stored' },
  split(source, at, { integers, scales }, byte, group) {
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

/** Byte 32 h + i holds, from its low bits up, levels 128 h + i, + 32, + 64, + 96. */
export function twoBits(source: Uint8Array, at: number, i: number): number {
  return (source[at + (i >> 7) * 32 + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3
}

/** Q3_K's levels: bit g of byte i of its head is the high bit of level 32 g + i. */
function threeBits(source: Uint8Array, at: number, i: number): number {
  return twoBits(source, at + 32, i) | (((source[at + (i & 31)]! >> (i >> 5)) & 1) << 2)
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
