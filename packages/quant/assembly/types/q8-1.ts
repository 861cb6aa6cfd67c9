// Q8_1: 32 numbers, a half scale, the half product of scale and sum of levels, and 32 signed bytes.
// `quantize_row_q8_1_ref` (ggml-quants.c, llama.cpp v0.5.0). No encoder: activations are no business of a converter.
import { halfToFloat } from '../floats'
import { storeScaled } from '../vectors'

const BLOCK_BYTES: usize = 36

/** Decodes `blocks` blocks to float32. */
export function decodeQ8_1(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = f32x4.splat(halfToFloat(load<u16>(source)))
    storeScaled(v128.load(source, 4), scale, destination)
    storeScaled(v128.load(source, 20), scale, destination + 64)
    source += BLOCK_BYTES
    destination += 128
  }
}
