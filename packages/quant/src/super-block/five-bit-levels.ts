// 32 5-bit levels in 20 bytes, as Q5_0 and Q5_1 pack them: a little-endian uint32 with the high bits, bit i being that of level i,
// then 16 bytes with the low nibbles, the low nibble of byte i being level i, the high one level i + 16.

export function packFiveBitLevels(levels: Uint8Array, destination: Uint8Array, at: number): void {
  let highBits = 0
  for (let i = 0; i < 32; i++) highBits |= (levels[i]! >> 4) << i
  for (let byte = 0; byte < 4; byte++) destination[at + byte] = highBits >>> (8 * byte)
  for (let i = 0; i < 16; i++) destination[at + 4 + i] = (levels[i]! & 15) | ((levels[i + 16]! & 15) << 4)
}

export function fiveBitLevel(source: Uint8Array, at: number, i: number): number {
  const low = (source[at + 4 + (i & 15)]! >> (i & 16 ? 4 : 0)) & 15
  return low | (((source[at + (i >> 3)]! >> (i & 7)) & 1) << 4)
}
