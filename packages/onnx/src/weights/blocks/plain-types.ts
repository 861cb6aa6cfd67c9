// The 32-wide ggml types with one scale: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 (structs in ggml-common.h).
// Types with 0 … 2^n - 1 levels and a minimum are shifted by half their range, which keeps the products of integers small.
import { half, type Splitter } from './splitter.ts'

export const q4_0: Splitter = {
  format: { kind: 'blocks', bits: 4, blockSize: 32, minimums: false },
  split(source, at, { integers, scales }) {
    scales[0] = half(source, at)
    nibbles(source, at + 2, integers, 0)
  },
}

export const q4_1: Splitter = {
  format: { kind: 'blocks', bits: 4, blockSize: 32, minimums: true },
  split(source, at, { integers, scales, addends }) {
    const scale = half(source, at)
    scales[0] = scale
    addends[0] = half(source, at + 2) + 8 * scale
    nibbles(source, at + 4, integers, 0)
  },
}

export const q5_0: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 32, minimums: false },
  split(source, at, { integers, scales }) {
    scales[0] = half(source, at)
    fiveBits(source, at + 2, integers)
  },
}

export const q5_1: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 32, minimums: true },
  split(source, at, { integers, scales, addends }) {
    const scale = half(source, at)
    scales[0] = scale
    addends[0] = half(source, at + 2) + 16 * scale
    fiveBits(source, at + 4, integers)
  },
}

export const q8_0: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 32, minimums: false },
  split(source, at, { integers, scales }) {
    scales[0] = half(source, at)
    // Flipping the sign bit adds 128 to a two's complement byte.
    for (let i = 0; i < 32; i++) integers[i] = source[at + 2 + i]! ^ 0x80
  },
}

/** 16 bytes, the low nibble of byte i being number i, the high one number i + 16. */
function nibbles(source: Uint8Array, at: number, integers: Uint8Array, first: number): void {
  for (let i = 0; i < 16; i++) {
    const pair = source[at + i]!
    integers[first + i] = pair & 15
    integers[first + 16 + i] = pair >> 4
  }
}

/** Four bytes of high bits, then 16 bytes of nibbles; level 16 is stored as 128. */
function fiveBits(source: Uint8Array, at: number, integers: Uint8Array): void {
  nibbles(source, at + 4, integers, 0)
  for (let i = 0; i < 32; i++) integers[i]! += 112 + (((source[at + (i >> 3)]! >> (i & 7)) & 1) << 4)
}
