// Q1_0: 128 signs with one half scale, the mean magnitude. `quantize_row_q1_0_ref` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { packSigned, storeScaled, spreadBits } from '../vectors'

const BLOCK_BYTES: usize = 18

/** Encodes `blocks` blocks of float32. */
export function encodeQ1_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    let sum: f32 = 0
    for (let at: usize = 0; at < 512; at += 16) {
      const magnitudes = f32x4.abs(v128.load(source + at))
      sum += f32x4.extract_lane(magnitudes, 0)
      sum += f32x4.extract_lane(magnitudes, 1)
      sum += f32x4.extract_lane(magnitudes, 2)
      sum += f32x4.extract_lane(magnitudes, 3)
    }
    storeHalf(destination, sum / 128)
    for (let word: usize = 0; word < 8; word++) {
      store<u16>(destination + 2 + word * 2, <u16>i8x16.bitmask(notNegative(source)))
      source += 64
    }
    destination += BLOCK_BYTES
  }
}

/** All bits of a byte set where one of 16 numbers is not negative. */
// @ts-ignore: decorator
@inline
function notNegative(source: usize): v128 {
  const zero = f32x4.splat(0)
  const a = f32x4.ge(v128.load(source), zero)
  const b = f32x4.ge(v128.load(source, 16), zero)
  const c = f32x4.ge(v128.load(source, 32), zero)
  const d = f32x4.ge(v128.load(source, 48), zero)
  return packSigned(a, b, c, d)
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ1_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source)))
    for (let word: usize = 0; word < 8; word++) {
      const twos = v128.and(spreadBits(load<u16>(source + 2 + word * 2)), i8x16.splat(2))
      storeScaled(i8x16.sub(twos, i8x16.splat(1)), scale, destination)
      destination += 64
    }
    source += BLOCK_BYTES
  }
}
