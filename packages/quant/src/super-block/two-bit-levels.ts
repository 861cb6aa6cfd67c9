// 256 2-bit levels in 64 bytes, as Q2_K and Q3_K pack them: byte 32 h + i holds, from its low bits up, levels 128 h + i, + 32, + 64, + 96.

export function packTwoBitLevels(levels: Uint8Array, destination: Uint8Array, at: number): void {
  for (let half = 0; half < 2; half++) {
    for (let i = 0; i < 32; i++) {
      const first = 128 * half + i
      const low = (levels[first]! & 3) | ((levels[first + 32]! & 3) << 2)
      destination[at + 32 * half + i] = low | ((levels[first + 64]! & 3) << 4) | ((levels[first + 96]! & 3) << 6)
    }
  }
}

export function twoBitLevel(source: Uint8Array, at: number, i: number): number {
  return (source[at + (i >> 7) * 32 + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3
}
