// Q8_K: 256 signed bytes with one float32 scale. Activations only: ggml has no encoder for files.
import { storeScaled } from '../vectors'

const BLOCK_BYTES: usize = 292

/** Decodes `blocks` blocks to float32. */
export function decodeQ8_K(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const scale = v128.load32_splat(source)
    for (let at: usize = 0; at < 256; at += 16) storeScaled(v128.load(source + at, 4), scale, destination + at * 4)
    source += BLOCK_BYTES
    destination += 1024
  }
}
