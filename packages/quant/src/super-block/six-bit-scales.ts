// The 12 bytes in which Q4_K and Q5_K keep eight 6-bit scales and eight 6-bit minimums (`get_scale_min_k4`, ggml-quants.c).
// Bytes 0-3 and 4-7 hold scales and minimums 0-3 in their low 6 bits; bytes 8-11 the low nibbles of scales and minimums 4-7, whose two high
// bits sit on top of bytes 0-7.

/** Stores the numbers as they are: ones beyond 6 bits spill into their neighbours' high bits, as in ggml. */
export function packSixBitScales(scales: Uint8Array, minimums: Uint8Array, bytes: Uint8Array, at: number): void {
  for (let group = 0; group < 4; group++) {
    const scale = scales[group + 4]!
    const minimum = minimums[group + 4]!
    bytes[at + group] = scales[group]! | ((scale >> 4) << 6)
    bytes[at + 4 + group] = minimums[group]! | ((minimum >> 4) << 6)
    bytes[at + 8 + group] = (scale & 15) | ((minimum & 15) << 4)
  }
}

export function sixBitScale(bytes: Uint8Array, at: number, group: number): number {
  return group < 4 ? bytes[at + group]! & 63 : (bytes[at + group + 4]! & 15) | ((bytes[at + group - 4]! >> 6) << 4)
}

export function sixBitMinimum(bytes: Uint8Array, at: number, group: number): number {
  return group < 4 ? bytes[at + group + 4]! & 63 : (bytes[at + group + 4]! >> 4) | ((bytes[at + group]! >> 6) << 4)
}
