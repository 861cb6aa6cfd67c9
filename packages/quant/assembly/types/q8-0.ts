// Q8_0: 32 numbers, a half scale and 32 signed bytes. `quantize_row_q8_0_ref` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat } from '../floats'
import { packSigned, roundAwayFromZero, storeScaled, wholeToInteger } from '../vectors'
import { findMagnitudeScales, inverseScale, scaleHalf } from './block-scales'

const BLOCK_BYTES: usize = 34

/** Encodes `blocks` blocks of float32. */
export function encodeQ8_0(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks -= 4) {
    const present = <usize>min(4, blocks)
    findMagnitudeScales(source, present, 127)
    for (let block: usize = 0; block < present; block++) {
      const inverse = inverseScale(block)
      // An infinite one is that of a subnormal scale: 0 is what x86 makes of infinity cast to a byte.
      const inverses = f32x4.splat(inverse == Infinity ? 0 : inverse)
      store<u16>(destination, scaleHalf(block))
      storeSixteen(source, destination + 2, inverses)
      storeSixteen(source + 64, destination + 18, inverses)
      source += 128
      destination += BLOCK_BYTES
    }
  }
}

// @ts-ignore: decorator
@inline
function storeSixteen(source: usize, destination: usize, inverse: v128): void {
  const a = wholeToInteger(roundAwayFromZero(f32x4.mul(v128.load(source), inverse)))
  const b = wholeToInteger(roundAwayFromZero(f32x4.mul(v128.load(source, 16), inverse)))
  const c = wholeToInteger(roundAwayFromZero(f32x4.mul(v128.load(source, 32), inverse)))
  const d = wholeToInteger(roundAwayFromZero(f32x4.mul(v128.load(source, 48), inverse)))
  v128.store(destination, packSigned(a, b, c, d))
}

/** Decodes `blocks` blocks to float32. */
export function decodeQ8_0(source: usize, destination: usize, blocks: i32): void {
  for (let block = 0; block < blocks; block++) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source)))
    storeScaled(v128.load(source, 2), scale, destination)
    storeScaled(v128.load(source, 18), scale, destination + 64)
    destination += 128
    source += BLOCK_BYTES
  }
}
