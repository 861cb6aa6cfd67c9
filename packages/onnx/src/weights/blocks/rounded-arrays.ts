// Weights of any type rounded to 8 bits in wide blocks: for speed, where the last thousandth does not matter.
// Types that can keep their stored values do so in `block-arrays.ts`.
import type { RowCodec } from '@fs/quant'
import { type MatMulNBitsArrays, ZERO_POINTS } from '@fs/quant/matmulnbits'
import { decodeBand } from '../float-rows.ts'
import type { BlockFormat, TensorPart } from '../graph-tensor.ts'
import { readBands } from '../read-bands.ts'
import type { WeightReader } from '../weight-reader.ts'
import { arraysOfParts } from './block-arrays.ts'

/**
 * The widest blocks that fill rows of this length, up to 128. Rounding weights that are spread like a normal distribution to 8 bits costs
 * a relative squared error of about 2.5e-5 in blocks of 32 and 3.6e-5 in blocks of 128: (largest / 127)^2 / 12 over the variance.
 * @returns null where no block fits
 */
export function roundedFormat(rowLength: number): BlockFormat | null {
  const blockSize = ([128, 64, 32, 16] as const).find((size) => rowLength % size === 0)
  return blockSize === undefined ? null : { kind: 'blocks', bits: 8, blockSize, minimums: false, levels: 'rounded' }
}

/** Reads the parts, one under the other, and rounds each block to multiples of its largest magnitude over 127. Throws as `floatRows`. */
export async function roundedArrays(
  parts: readonly TensorPart[],
  format: BlockFormat,
  rowLength: number,
  weights: WeightReader,
  codec: RowCodec,
): Promise<MatMulNBitsArrays> {
  const arrays = arraysOfParts(parts, format, rowLength)
  await readBands(parts, rowLength, weights, (name, band, first, count) =>
    roundBlocks(decodeBand(name, band, count, codec), format.blockSize, arrays.integers, first, arrays.scales),
  )
  return arrays
}

function roundBlocks(values: Float32Array, blockSize: number, integers: Uint8Array, first: number, scales: Float32Array): void {
  for (let start = 0; start < values.length; start += blockSize) {
    let largest = 0
    for (let i = start; i < start + blockSize; i++) {
      const magnitude = Math.abs(values[i]!)
      if (magnitude > largest) largest = magnitude
    }
    const scale = Math.fround(largest / 127)
    const inverse = scale === 0 ? 0 : 1 / scale
    scales[(first + start) / blockSize] = scale
    // Adding a half and cutting off rounds to nearest, since the sum is positive.
    for (let i = start; i < start + blockSize; i++) integers[first + i] = (values[i]! * inverse + ZERO_POINTS[8] + 0.5) | 0
  }
}
