// The 32-wide ggml types with one scale: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 (structs in ggml-common.h).
// Types with 0 … 2^n - 1 levels and a minimum are shifted by half their range, which keeps the products of integers small.
import { half, type Splitter } from './splitter.ts'

export const q4_0: Splitter = {
  format: { kind: 'blocks', bits: 4, blockSize: 32, minimums: false, levels: 'stored' },
  split(source, at, { integers, scales }, byte, group) {
    scales[group] = half(source, at)
    pairNibbles(source, at + 2, 16, integers, byte)
  },
}

export const q4_1: Splitter = {
  format: { kind: 'blocks', bits: 4, blockSize: 32, minimums: true, levels: 'stored' },
  split(source, at, { integers, scales, addends }, byte, group) {
    const scale = half(source, at)
    scales[group] = scale
    addends[group] = half(source, at + 2) + 8 * scale
    pairNibbles(source, at + 4, 16, integers, byte)
  },
}

export const q5_0: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 32, minimums: false, levels: 'stored' },
  split(source, at, { integers, scales }, byte, group) {
    scales[group] = half(source, at)
    fiveBits(source, at + 2, integers, byte)
  },
}

export const q5_1: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 32, minimums: true, levels: 'stored' },
  split(source, at, { integers, scales, addends }, byte, group) {
    const scale = half(source, at)
    scales[group] = scale
    addends[group] = half(source, at + 2) + 16 * scale
    fiveBits(source, at + 4, integers, byte)
  },
}

export const q8_0: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 32, minimums: false, levels: 'stored' },
  split(source, at, { integers, scales }, byte, group) {
    scales[group] = half(source, at)
    // Flipping the sign bit adds 128 to a two's complement byte.
    for (let i = 0; i < 32; i++) integers[byte + i] = source[at + 2 + i]! ^ 0x80
  },
}

/**
 * ggml keeps numbers `count` apart in one byte, MatMulNBits neighbours.
 * @param count bytes of the source; they hold the first `count` numbers in their low nibbles, the next `count` in the high ones
 */
export function pairNibbles(source: Uint8Array, at: number, count: number, integers: Uint8Array, byte: number): void {
  const pairs = count >> 1
  for (let i = 0; i < pairs; i++) {
    const first = source[at + 2 * i]!
    const second = source[at + 2 * i + 1]!
    integers[byte + i] = (first & 15) | ((second & 15) << 4)
    integers[byte + pairs + i] = (first >> 4) | (second & 0xf0)
  }
}

/** Four bytes of high bits, then 16 bytes of nibbles; level 16 is stored as 128. */
function fiveBits(source: Uint8Array, at: number, integers: Uint8Array, byte: number): void {
  const high = source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24)
  for (let i = 0; i < 16; i++) {
    const both = source[at + 4 + i]!
    integers[byte + i] = (both & 15) + (((high >>> i) & 1) << 4) + 112
    integers[byte + 16 + i] = (both >> 4) + (((high >>> (i + 16)) & 1) << 4) + 112
  }
}
