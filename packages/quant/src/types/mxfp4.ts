// MXFP4: 32 numbers as 4-bit floats (E2M1) with one power of two as scale (E8M0).
// struct block_mxfp4 (ggml-common.h): uint8 e, uint8 qs[16], nibbles as in Q4_0.
import { defineBlockType } from '../block-type.ts'
import { floatBits } from '../floats/bits.ts'
import { DOUBLED_E2M1, halvedE8m0, nearestE2m1 } from '../floats/small-floats.ts'

export const mxfp4 = defineBlockType({
  type: 'MXFP4',
  halves: [],
  groupSize: 32,
  readBlock(source, at, levels, firstLevel, scales, firstGroup) {
    scales[firstGroup] = halvedE8m0(source[at]!)
    for (let i = 0; i < 16; i++) {
      const pair = source[at + 1 + i]!
      levels[firstLevel + i] = DOUBLED_E2M1[pair & 15]!
      levels[firstLevel + 16 + i] = DOUBLED_E2M1[pair >> 4]!
    }
  },
  quantizeBlock(source, first, destination, at) {
    let magnitude = 0
    for (let i = 0; i < 32; i++) magnitude = Math.max(magnitude, Math.abs(source[first + i]!))
    const exponent = magnitude > 0 ? scaleExponent(magnitude) : 0
    const scale = halvedE8m0(exponent)
    destination[at] = exponent
    for (let i = 0; i < 16; i++) {
      const low = nearestE2m1(source[first + i]!, scale)
      const high = nearestE2m1(source[first + 16 + i]!, scale)
      destination[at + 1 + i] = low | (high << 4)
    }
  },
})

/**
 * The E8M0 bits with which `magnitude` lands in the top binade of E2M1: floor(log2(magnitude)) - 2 + 127, in a byte.
 * Below 2^-125 that is negative and wraps around to a huge scale, over which every level is 0; as in ggml, such blocks decode to zeros.
 * Only the wrapped 255 differs: it would be a NaN, for which llama-quantize refuses the whole tensor, and becomes the smallest scale here.
 */
function scaleExponent(magnitude: number): number {
  const wrapped = (floorLog2(magnitude) - 2 + 127) & 255
  return wrapped === 255 ? 0 : wrapped
}

/**
 * `floorf(log2f(x))` of C for a positive float32: the logarithm is rounded to float32 first, so the few numbers just below a power of two
 * 2^k whose logarithm is less than half a unit in the last place below k count as 2^k. That half unit is 2^(e - 24) where |logarithm| lies in
 * [2^e, 2^(e + 1)). Checked against glibc for all 2^23 subnormals and the last 400 numbers of every binade.
 */
function floorLog2(value: number): number {
  const bits = floatBits(value)
  const floor = bits >>> 23 === 0 ? 31 - Math.clz32(bits) - 149 : (bits >>> 23) - 127
  const next = floor + 1
  if (next === 0) return floor // logarithms just below 0 have float32 numbers of their own
  const binade = next < 0 ? 31 - Math.clz32(-next) : next === 1 ? -1 : 31 - Math.clz32(next - 1)
  const distance = (2 ** next - value) / 2 ** next
  return distance <= Math.LN2 * 2 ** (binade - 24) ? next : floor
}
