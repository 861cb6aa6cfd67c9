// Weights as LiteRT's kernels take them: int8 with a scale per row, int4 with a scale per block. Symmetric, zero point 0.
// Rules and constants: google-ai-edge/ai-edge-quantizer 0.10 (`uniform_quantize_tensor.py`), min-max, float32 throughout.
import { quantError } from '../errors.ts'
import { bfloat16ToFloat, floatToBfloat16 } from '../floats/bfloat16.ts'
import { floatToHalf, halfToFloat } from '../floats/half.ts'

/** Keeps the scale of a row of zeros above zero. */
const SMALLEST_BOUND = Math.fround(1e-9)

export type LitertRows = {
  /** One level per number for int8; two per byte, the first in the low nibble, for int4. */
  readonly data: Int8Array
  /** One per row, or per block. */
  readonly scales: Float32Array
}

/**
 * Per-channel int8: scale = largest magnitude / 127, levels rounded half to even, limited to -127 … 127.
 * @throws FsError `quant/buffer-length` unless `values` is whole rows, `quant/not-finite` for NaN and infinity.
 */
export function quantizeRowsInt8(values: Float32Array, rowLength: number): LitertRows {
  checkRows(values, rowLength)
  const scales = new Float32Array(values.length / rowLength)
  const data = new Int8Array(values.length)
  for (let row = 0; row < scales.length; row++) {
    const start = row * rowLength
    const scale = Math.fround(boundOf(values, start, rowLength) / 127)
    scales[row] = scale
    // No quotient exceeds 127 by as much as half a level, so nothing has to be limited.
    for (let i = start; i < start + rowLength; i++) data[i] = nearest(values[i]! / scale)
  }
  return { data, scales }
}

/** Block lengths of the recipes `dynamic_int4_block32` and `dynamic_int4_block128`. */
export type Int4BlockSize = 32 | 128

/**
 * Block-wise int4: scale = largest magnitude / 7, rounded to bfloat16 and then to half (kernels keep seven bits of its fraction), levels
 * rounded half to even, limited to -8 … 7. A block so small that its scale rounds to zero decodes to zeros, whatever its levels.
 * @throws FsError `quant/buffer-length`, `quant/row-length` unless a row is whole blocks, `quant/not-finite`, `quant/overflow` where the scale
 * does not fit a half.
 */
export function quantizeBlocksInt4(values: Float32Array, rowLength: number, blockSize: Int4BlockSize): LitertRows {
  checkRows(values, rowLength)
  if (rowLength % blockSize !== 0) {
    const message = `Rows of ${rowLength} numbers are not whole blocks of ${blockSize}; choose another block length or int8.`
    throw quantError('quant/row-length', message, { rowLength, blockSize })
  }
  const scales = new Float32Array(values.length / blockSize)
  const data = new Int8Array(values.length / 2)
  for (let block = 0; block < scales.length; block++) {
    const start = block * blockSize
    const bound = boundOf(values, start, blockSize)
    const scale = halfToFloat(floatToHalf(bfloat16ToFloat(floatToBfloat16(Math.fround(bound / 7)))))
    if (scale === Number.POSITIVE_INFINITY) {
      const message = `The weight of magnitude ${bound} in block ${block} makes a scale beyond half precision; use int8 for this tensor.`
      throw quantError('quant/overflow', message, { block, value: bound })
    }
    scales[block] = scale
    for (let i = start; i < start + blockSize; i += 2) {
      data[i / 2] = (int4Level(values[i]!, scale) & 15) | (int4Level(values[i + 1]!, scale) << 4)
    }
  }
  return { data, scales }
}

/** Of a block whose scale is zero, the level says no more than the sign. */
function int4Level(value: number, scale: number): number {
  if (scale === 0) return value === 0 ? 0 : value < 0 ? -8 : 7
  const level = nearest(value / scale)
  return Math.max(-8, Math.min(7, level))
}

/** 1.5 * 2^23: adding it rounds a float32 of magnitude below 2^22 to an integer, ties to even; every quotient here is below 128. */
const ROUNDER = 12582912

/** @param quotient in double precision; rounded to float32 first, as the reference divides */
function nearest(quotient: number): number {
  return Math.fround(Math.fround(quotient) + ROUNDER) - ROUNDER
}

function boundOf(values: Float32Array, start: number, count: number): number {
  let bound = SMALLEST_BOUND
  for (let i = start; i < start + count; i++) {
    const magnitude = Math.abs(values[i]!)
    if (magnitude > bound) bound = magnitude
  }
  return bound
}

function checkRows(values: Float32Array, rowLength: number): void {
  if (rowLength < 1 || values.length % rowLength !== 0) {
    throw quantError('quant/buffer-length', `${values.length} numbers are not whole rows of ${rowLength}.`, {
      actual: values.length,
      rowLength,
    })
  }
  // One sum tells whether there is anything to look for: the difference is zero of a finite number, and NaN of every other.
  let differences = 0
  for (let index = 0; index < values.length; index++) differences += values[index]! - values[index]!
  if (differences === 0) return
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    if (value - value === 0) continue
    const message = `The weight at row ${Math.floor(index / rowLength)}, column ${index % rowLength} is ${value}; repair the checkpoint.`
    throw quantError('quant/not-finite', message, { index, value })
  }
}
