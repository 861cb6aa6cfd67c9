// Types whose levels come from a short list, IQ4_NL, IQ4_XS and MXFP4, and the ternary TQ2_0 (structs in ggml-common.h).
// The listed levels are small integers, so 8 bits hold them exactly.
import { twoBits } from './k-types.ts'
import { half, type Splitter } from './splitter.ts'

/** `kvalues_iq4nl` of ggml-common.h, plus 128. */
const NON_LINEAR_LEVELS = Uint8Array.of(1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241)

/** E2M1 numbers doubled, plus 128: 0, ½, 1, 1½, 2, 3, 4, 6 and their negatives. */
const DOUBLED_E2M1 = Uint8Array.of(128, 129, 130, 131, 132, 134, 136, 140, 128, 127, 126, 125, 124, 122, 120, 116)

export const iq4_nl: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 32, minimums: false, levels: 'stored' },
  split(source, at, { integers, scales }, byte, group) {
    scales[group] = half(source, at)
    lookUp(source, at + 2, NON_LINEAR_LEVELS, integers, byte)
  },
}

export const iq4_xs: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 32, minimums: false, levels: 'stored' },
  split(source, at, { integers, scales }, byte, group) {
    const scale = half(source, at)
    const high = source[at + 2]! | (source[at + 3]! << 8)
    for (let i = 0; i < 8; i++) {
      const low = (source[at + 4 + (i >> 1)]! >> (4 * (i & 1))) & 15
      scales[group + i] = scale * ((low | (((high >> (2 * i)) & 3) << 4)) - 32)
      lookUp(source, at + 8 + 16 * i, NON_LINEAR_LEVELS, integers, byte + 32 * i)
    }
  },
}

export const mxfp4: Splitter = {
  format: { kind: 'blocks', bits: 8, blockSize: 32, minimums: false, levels: 'stored' },
  split(source, at, { integers, scales }, byte, group) {
    // E8M0 is a power of two with bias 127; halved because the levels are doubled. 255 is its NaN.
    scales[group] = source[at] === 255 ? Number.NaN : 2 ** (source[at]! - 128)
    lookUp(source, at + 1, DOUBLED_E2M1, integers, byte)
  },
}

export const tq2_0: Splitter = {
  format: { kind: 'blocks', bits: 4, blockSize: 256, minimums: false, levels: 'stored' },
  split(source, at, { integers, scales }, byte, group) {
    scales[group] = half(source, at + 64)
    // Level 1 stands for zero and is stored as 8.
    for (let i = 0; i < 128; i++) integers[byte + i] = twoBits(source, at, 2 * i) + (twoBits(source, at, 2 * i + 1) << 4) + 0x77
  },
}

function lookUp(source: Uint8Array, at: number, levels: Uint8Array, integers: Uint8Array, byte: number): void {
  for (let i = 0; i < 16; i++) {
    const pair = source[at + i]!
    integers[byte + i] = levels[pair & 15]!
    integers[byte + 16 + i] = levels[pair >> 4]!
  }
}
