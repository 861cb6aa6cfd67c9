// MXFP4 and NVFP4: 4-bit floats under a scale of 8 bits. `quantize_row_mxfp4_ref`, `quantize_row_nvfp4_ref`, `best_index_mxfp4`
// (ggml-quants.c), `ggml_fp32_to_ue4m3` and its kin (ggml-impl.h, llama.cpp v0.5.0).
import { largestLane, packSigned, storeScaled } from '../vectors'

const MXFP4_BYTES: usize = 17
const NVFP4_BYTES: usize = 36

/** Twice the values of E2M1; ggml has no -0 at index 8. */
const doubledValues: usize = memory.data<i8>([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12], 16)

/**
 * The indices of 16 numbers, as bytes: of the eight magnitudes the first whose multiple of the scale is nearest, and 8 more where the number is
 * negative. The mirror image of a magnitude is never nearer than zero, which comes first.
 */
// @ts-ignore: decorator
@inline
function sixteenIndices(source: usize, scale: f32): v128 {
  const a = f32x4.abs(v128.load(source))
  const b = f32x4.abs(v128.load(source, 16))
  const c = f32x4.abs(v128.load(source, 32))
  const d = f32x4.abs(v128.load(source, 48))
  let leastA = a
  let leastB = b
  let leastC = c
  let leastD = d
  let index = i8x16.splat(0)
  for (let candidate = 1; candidate < 8; candidate++) {
    const multiple = f32x4.splat(<f32>load<i8>(doubledValues + candidate) * scale)
    const errorA = f32x4.abs(f32x4.sub(multiple, a))
    const errorB = f32x4.abs(f32x4.sub(multiple, b))
    const errorC = f32x4.abs(f32x4.sub(multiple, c))
    const errorD = f32x4.abs(f32x4.sub(multiple, d))
    const nearer = packSigned(f32x4.lt(errorA, leastA), f32x4.lt(errorB, leastB), f32x4.lt(errorC, leastC), f32x4.lt(errorD, leastD))
    leastA = f32x4.pmin(leastA, errorA)
    leastB = f32x4.pmin(leastB, errorB)
    leastC = f32x4.pmin(leastC, errorC)
    leastD = f32x4.pmin(leastD, errorD)
    index = i8x16.max_u(index, v128.and(nearer, i8x16.splat(<i8>candidate)))
  }
  const zero = f32x4.splat(0)
  const low = i16x8.narrow_i32x4_s(f32x4.lt(v128.load(source), zero), f32x4.lt(v128.load(source, 16), zero))
  const high = i16x8.narrow_i32x4_s(f32x4.lt(v128.load(source, 32), zero), f32x4.lt(v128.load(source, 48), zero))
  const negative = v128.andnot(i8x16.narrow_i16x8_s(low, high), i8x16.eq(index, i8x16.splat(0)))
  return v128.or(index, v128.and(negative, i8x16.splat(8)))
}

// @ts-ignore: decorator
@inline
function magnitudeOf(source: usize, bytes: usize): f32 {
  let largest = f32x4.abs(v128.load(source))
  for (let at: usize = 16; at < bytes; at += 16) largest = f32x4.pmax(largest, f32x4.abs(v128.load(source + at)))
  return largestLane(largest)
}

/** Encodes `blocks` blocks of float32 as MXFP4. */
export function encodeMXFP4(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    const magnitude = magnitudeOf(source, 128)
    const exponent = magnitude > 0 ? scaleExponent(magnitude) : 0
    const scale = halvedE8m0(exponent)
    store<u8>(destination, <u8>exponent)
    v128.store(destination, v128.or(sixteenIndices(source, scale), i8x16.shl(sixteenIndices(source + 64, scale), 4)), 1)
    source += 128
    destination += MXFP4_BYTES
  }
}

/**
 * The E8M0 bits that bring `magnitude` to the top binade of E2M1, in a byte: a negative exponent wraps around, as in ggml, over which every
 * level is 0. But the wrapped 255, NaN, becomes 0.
 */
function scaleExponent(magnitude: f32): u32 {
  const wrapped = (floorLog2(magnitude) - 2 + 127) & 255
  return wrapped == 255 ? 0 : wrapped
}

/**
 * `floorf(log2f(x))` as glibc has it: the logarithm is rounded to float32 before the floor, so a number less than half a unit in its last place
 * below a whole logarithm k counts as 2^k. That half unit is 2^(e - 24) where the logarithm lies in ±[2^e, 2^(e + 1)).
 */
function floorLog2(value: f32): i32 {
  const bits = reinterpret<u32>(value)
  const floor = bits >> 23 == 0 ? 31 - clz<i32>(bits) - 149 : <i32>(bits >> 23) - 127
  const next = floor + 1
  if (next == 0) return floor
  const binade = next < 0 ? 31 - clz<i32>(-next) : next == 1 ? -1 : 31 - clz<i32>(next - 1)
  const distance = (powerOfTwo(next) - <f64>value) / powerOfTwo(next)
  return distance <= 0.6931471805599453 * powerOfTwo(binade - 24) ? next : floor
}

// @ts-ignore: decorator
@inline
function powerOfTwo(exponent: i32): f64 {
  return reinterpret<f64>(<u64>(exponent + 1023) << 52)
}

/** Half the value of an E8M0 scale, to go with the doubled values. */
// @ts-ignore: decorator
@inline
function halvedE8m0(bits: u32): f32 {
  return reinterpret<f32>(bits < 2 ? <u32>0x00200000 << bits : (bits - 1) << 23)
}

/** Decodes `blocks` blocks of MXFP4 to float32. */
export function decodeMXFP4(source: usize, destination: usize, blocks: i32): void {
  const values = v128.load(doubledValues)
  for (; blocks > 0; blocks--) {
    const scale = f32x4.splat(halvedE8m0(load<u8>(source)))
    const pairs = v128.load(source, 1)
    storeScaled(v128.swizzle(values, v128.and(pairs, i8x16.splat(15))), scale, destination)
    storeScaled(v128.swizzle(values, i8x16.shr_u(pairs, 4)), scale, destination + 64)
    source += MXFP4_BYTES
    destination += 128
  }
}

/** Encodes `blocks` blocks of float32 as NVFP4: 4 groups of 16. */
export function encodeNVFP4(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    for (let group: usize = 0; group < 4; group++) {
      const stored = floatToUe4m3(magnitudeOf(source, 64) / 6)
      store<u8>(destination + group, <u8>stored)
      const indices = sixteenIndices(source, halvedUe4m3(stored))
      const pairs = v128.or(indices, i8x16.shl(v128.shuffle<i64>(indices, indices, 1, 1), 4))
      v128.store64_lane(destination + 4 + group * 8, pairs, 0)
      source += 64
    }
    destination += NVFP4_BYTES
  }
}

/** Rounds to unsigned E4M3, halves up, at most 0x7e. */
function floatToUe4m3(value: f32): u32 {
  if (!(value > 0)) return 0
  const bits = reinterpret<u32>(min<f32>(value, 448))
  const exponent = <i32>(bits >> 23) - 127 + 7
  if (exponent <= 0) return min<u32>(7, <u32>(min<f32>(value, 448) * 512 + 0.5))
  const rounded = ((<u32>exponent << 3) | ((bits >> 20) & 7)) + ((bits >> 19) & 1)
  return rounded >= 15 << 3 ? 0x7e : rounded
}

/** Half the value of an unsigned E4M3 scale; 0x7f gives 0, as in ggml. */
function halvedUe4m3(bits: u32): f32 {
  if (bits == 0x7f) return 0
  const exponent = (bits >> 3) & 15
  const fraction = bits & 7
  if (exponent == 0) return <f32>fraction * 0.0009765625
  return reinterpret<f32>(((exponent - 8 + 127) << 23) | (fraction << 20))
}

/** Decodes `blocks` blocks of NVFP4 to float32. */
export function decodeNVFP4(source: usize, destination: usize, blocks: i32): void {
  const values = v128.load(doubledValues)
  for (; blocks > 0; blocks--) {
    for (let group: usize = 0; group < 4; group++) {
      const pairs = v128.load64_zero(source + 4 + group * 8)
      const high = i8x16.shr_u(v128.shuffle<i64>(pairs, pairs, 0, 0), 4)
      const indices = v128.shuffle<i64>(v128.and(pairs, i8x16.splat(15)), high, 0, 2)
      storeScaled(v128.swizzle(values, indices), f32x4.splat(halvedUe4m3(load<u8>(source + group))), destination)
      destination += 64
    }
    source += NVFP4_BYTES
  }
}
