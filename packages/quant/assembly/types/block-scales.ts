// Scales of blocks of 32 whose levels are symmetric, four blocks at a time: for a single one, most of the time goes by in waiting for two divisions.
import { encodedHalves } from '../floats'
import { fourFirstExtremes, fourLargestMagnitudes } from '../extremes'

/** Halves in the low 16 bits of four lanes, one per block, and the inverse scales. */
const halves: usize = memory.data(16, 16)
const inverses: usize = memory.data(16, 16)

/** Finds the scales of the next `present` blocks, 1 to 4: the number of largest magnitude comes to `level`. */
export function findExtremeScales(source: usize, present: usize, level: f32): void {
  const second = source + (present > 1 ? 128 : 0)
  const third = source + (present > 2 ? 256 : 0)
  const fourth = source + (present > 3 ? 384 : 0)
  setScales(f32x4.div(fourFirstExtremes(source, second, third, fourth), f32x4.splat(level)))
}

/** Finds the scales of the next `present` blocks, 1 to 4: the largest magnitude comes to `level`. */
export function findMagnitudeScales(source: usize, present: usize, level: f32): void {
  const second = source + (present > 1 ? 128 : 0)
  const third = source + (present > 2 ? 256 : 0)
  const fourth = source + (present > 3 ? 384 : 0)
  setScales(f32x4.div(fourLargestMagnitudes(source, second, third, fourth), f32x4.splat(level)))
}

// @ts-ignore: decorator
@inline
function setScales(scales: v128): void {
  v128.store(halves, encodedHalves(scales))
  v128.store(inverses, v128.and(f32x4.div(f32x4.splat(1), scales), f32x4.ne(scales, f32x4.splat(0))))
}

/** The half that a block stores. */
// @ts-ignore: decorator
@inline
export function scaleHalf(block: usize): u16 {
  return load<u16>(halves + 4 * block)
}

/** What a block's numbers are multiplied by: 0 for a scale of 0. */
// @ts-ignore: decorator
@inline
export function inverseScale(block: usize): f32 {
  return load<f32>(inverses + 4 * block)
}
