// Rows of ggml blocks to the tensors of com.microsoft.MatMulNBits, and back to numbers to prove that nothing was lost.
// The graph around the operator is built in `@fs/onnx`.
import type { GgmlType } from '@fs/core'
import { BLOCK_TYPES } from '../block-types.ts'
import { quantError } from '../errors.ts'
import { storedBytes } from '../stored-rows.ts'
import { isRepackable, type MatMulNBitsLayout, matMulNBitsLayout } from './layouts.ts'

export type MatMulNBitsWeights = MatMulNBitsLayout & {
  readonly rows: number
  readonly rowLength: number
  /** Input B, [rows, blocks per row, blockSize * bits / 8]: unsigned levels, the first in the lowest bits of a byte. */
  readonly data: Uint8Array
  /** Input scales, [rows, blocks per row]. */
  readonly scales: Float32Array
  /** Input zero_points, each row's packed like levels and padded to whole bytes; absent where the operator's default is right. */
  readonly zeroPoints?: Uint8Array
  /**
   * [rows, blocks per row], in types that have minimums: number i of a block is scale * (level - zeroPoint) - minimum, so the product with x
   * is that of the operator minus (sums of x over each block) times the transposed minimums: a small float MatMul.
   */
  readonly minimums?: Float32Array
}

/**
 * Repacks whole rows; every stored value stays exactly what it was.
 * @throws FsError `quant/not-repackable` for plain numbers, `quant/buffer-length` when `source` is not exactly these rows.
 */
export function repackForMatMulNBits(type: GgmlType, source: Uint8Array, rows: number, rowLength: number): MatMulNBitsWeights {
  const layout = matMulNBitsLayout(type)
  const expected = rows * storedBytes(type, rowLength)
  if (source.length !== expected || !isRepackable(type)) {
    const message = `${rows} rows of ${rowLength} numbers take ${expected} bytes as ${type}, but the buffer has ${source.length}.`
    throw quantError('quant/buffer-length', message, { type, expected, actual: source.length })
  }
  const { decompose, groupSize = 1, hasMinimums } = BLOCK_TYPES[type]
  const levels = new Int8Array(rows * rowLength)
  const groups = levels.length / groupSize
  const scales = new Float32Array(groups)
  const minimums = new Float32Array(hasMinimums ? groups : 0)
  decompose?.(source, levels, scales, minimums)

  const repeats = groupSize / layout.blockSize
  const blocksPerRow = rowLength / layout.blockSize
  const isDefault = layout.zeroPoint === 1 << (layout.bits - 1)
  return {
    ...layout,
    rows,
    rowLength,
    data: packLevels(levels, layout),
    scales: repeats === 1 ? scales : Float32Array.from({ length: groups * repeats }, (_, block) => scales[Math.floor(block / repeats)]!),
    ...(isDefault ? {} : { zeroPoints: packZeroPoints(layout, rows, blocksPerRow) }),
    ...(hasMinimums ? { minimums } : {}),
  }
}

/** The numbers the tensors stand for: what the operator multiplies with, minus the minimums. Float32 at each step, as ggml decodes. */
export function unpackMatMulNBits(weights: MatMulNBitsWeights): Float32Array {
  const { bits, blockSize, zeroPoint, data, scales, minimums, rows, rowLength } = weights
  const perByte = 8 / bits
  const mask = (1 << bits) - 1
  const numbers = new Float32Array(rows * rowLength)
  for (let i = 0; i < numbers.length; i++) {
    const level = ((data[Math.floor(i / perByte)]! >> (bits * (i % perByte))) & mask) - zeroPoint
    const block = Math.floor(i / blockSize)
    numbers[i] = Math.fround(scales[block]! * level) - (minimums?.[block] ?? 0)
  }
  return numbers
}

function packLevels(levels: Int8Array, { bits, zeroPoint }: MatMulNBitsLayout): Uint8Array {
  const perByte = 8 / bits
  const data = new Uint8Array(levels.length / perByte)
  for (let byte = 0; byte < data.length; byte++) {
    let packed = 0
    for (let i = 0; i < perByte; i++) packed |= (levels[byte * perByte + i]! + zeroPoint) << (bits * i)
    data[byte] = packed
  }
  return data
}

function packZeroPoints({ bits, zeroPoint }: MatMulNBitsLayout, rows: number, blocksPerRow: number): Uint8Array {
  const rowBytes = Math.ceil((blocksPerRow * bits) / 8)
  const zeroPoints = new Uint8Array(rows * rowBytes)
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocksPerRow; block++) {
      const bit = block * bits
      const at = row * rowBytes + (bit >> 3)
      zeroPoints[at] = zeroPoints[at]! | (zeroPoint << (bit & 7))
    }
  }
  return zeroPoints
}
