// Stored ggml blocks as the arrays of com.microsoft.MatMulNBits: integers, scales, addends. No stored value changes; a minimum is moved by the
// middle of its levels, which rounds it once more. The graph around the operator is built in `@fs/onnx`.
import { GGML_TYPES, type GgmlType } from '@fs/core'
import type { BlockType } from '../block-type.ts'
import { BLOCK_TYPES } from '../block-types.ts'
import { quantError } from '../errors.ts'
import { isRepackable, type MatMulNBitsFormat, matMulNBitsFormat, middleLevel, type RepackableType, ZERO_POINTS } from './formats.ts'
import { type MatMulNBitsArrays, REPACKING_SHORTCUTS } from './shortcuts.ts'

/**
 * Whole rows of one stored type; their blocks follow one another in every array.
 * @throws FsError `quant/not-repackable` for plain numbers, `quant/buffer-length` when `bytes` is not whole blocks
 */
export function repackRows(type: GgmlType, bytes: Uint8Array): MatMulNBitsArrays {
  const { blockBytes, blockSize } = GGML_TYPES[type]
  const format = matMulNBitsFormat(type)
  if (format === null || !isRepackable(type)) {
    throw quantError('quant/not-repackable', `${type} is not a block type; use its numbers as they are in a plain MatMul.`, { type })
  }
  if (bytes.length % blockBytes !== 0) {
    const message = `Blocks of ${type} have ${blockBytes} bytes, but the buffer has ${bytes.length}; pass whole rows.`
    throw quantError('quant/buffer-length', message, { type, blockBytes, actual: bytes.length })
  }
  const arrays = emptyArrays((bytes.length / blockBytes) * blockSize, format)
  repackInto(type, bytes, arrays, format, 0)
  return arrays
}

/** Arrays for `elements` weights, to be filled by `repackInto`. */
export function emptyArrays(elements: number, { bits, blockSize, minimums }: MatMulNBitsFormat): MatMulNBitsArrays {
  const blocks = elements / blockSize
  return {
    integers: new Uint8Array((elements * bits) / 8),
    scales: new Float32Array(blocks),
    addends: new Float32Array(minimums ? blocks : 0),
  }
}

/**
 * Repacks whole blocks into larger arrays, as the rows of one part of a matrix.
 * @param format `matMulNBitsFormat(type)`
 * @param first index of the first weight in the arrays
 */
export function repackInto(
  type: RepackableType,
  bytes: Uint8Array,
  arrays: MatMulNBitsArrays,
  format: MatMulNBitsFormat,
  first: number,
): void {
  const { blockBytes, blockSize } = GGML_TYPES[type]
  let byte = (first * format.bits) / 8
  let group = first / format.blockSize
  const repack = REPACKING_SHORTCUTS[type]
  if (repack === undefined) {
    repackByLevels(type, bytes, arrays, format, byte, group)
    return
  }
  const groups = blockSize / format.blockSize
  const bytesOut = (blockSize * format.bits) / 8
  for (let at = 0; at < bytes.length; at += blockBytes) {
    repack(bytes, at, arrays, byte, group)
    byte += bytesOut
    group += groups
  }
}

/** The general way: levels, scales and minimums as `BlockType.decompose` takes any type apart. */
export function repackByLevels(
  type: RepackableType,
  bytes: Uint8Array,
  { integers, scales, addends }: MatMulNBitsArrays,
  format: MatMulNBitsFormat,
  byte: number,
  group: number,
): void {
  const { blockSize, blockBytes } = GGML_TYPES[type]
  const middle = middleLevel(type)
  const levels = new Int8Array((bytes.length / blockBytes) * blockSize)
  const groups = levels.length / format.blockSize
  const minimums = new Float32Array(format.minimums ? groups : 0)
  const ownScales = scales.subarray(group, group + groups)
  ;(BLOCK_TYPES[type] as BlockType).decompose!(bytes, levels, ownScales, minimums)
  for (let i = 0; i < minimums.length; i++) addends[group + i] = middle * ownScales[i]! - minimums[i]!
  const shift = ZERO_POINTS[format.bits] - middle
  if (format.bits === 8) for (let i = 0; i < levels.length; i++) integers[byte + i] = levels[i]! + shift
  else for (let i = 0; i < levels.length; i += 2) integers[byte + (i >> 1)] = (levels[i]! + shift) | ((levels[i + 1]! + shift) << 4)
}
