// Q8_0: 32 numbers, a half scale and 32 signed bytes. `quantize_row_q8_0_ref` (ggml-quants.c, llama.cpp v0.5.0).
import { halfToFloat, storeHalf } from '../floats'
import { largestLane, packSigned, roundAwayFromZero, storeScaled, wholeToInteger } from '../vectors'

const BLOCK_BYTES: usize = 34

/** Encodes `blocks` blocks of float32. */
export function encodeQ8_0(source: usize, destination: usize, blocks: i32): void {
  for (let block = 0; block < blocks; block++) {
    let largest = f32x4.abs(v128.load(source))
    for (let at: usize = 16; at < 128; at += 16) largest = f32x4.pmax(largest, f32x4.abs(v128.load(source + at)))
    const scale: f32 = largestLane(largest) / 127
    const inverse: f32 = scale != 0 ? 1 / scale : 0
    storeHalf(destination, scale)
    if (inverse == Infinity) memory.fill(destination + 2, 0, 32) // what x86 makes of infinity cast to a byte
    else {
      storeSixteen(source, destination + 2, f32x4.splat(inverse))
      storeSixteen(source + 64, destination + 18, f32x4.splat(inverse))
    }
    source += 128
    destination += BLOCK_BYTES
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
