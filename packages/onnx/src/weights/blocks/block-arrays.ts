// Stored ggml blocks as the arrays of a blocked matrix multiplication: integers, scales, addends. No stored value changes.
// Which types, and how their levels fit, is in `block-formats.ts`.
import { GGML_TYPES } from '@fs/core'
import type { BlockType } from '@fs/quant'
import { BLOCK_TYPES } from '@fs/quant/block-types'
import { onnxError } from '../../errors.ts'
import type { BlockFormat, TensorPart } from '../graph-tensor.ts'
import { readBands } from '../read-bands.ts'
import type { WeightReader } from '../weight-reader.ts'
import { blockFormatOf, isSplitType, levelRange, type SplitType, ZERO_POINTS } from './block-formats.ts'
import { type BlockArrays, FAST_SPLITTERS } from './fast-splitters.ts'

/**
 * Reads and takes apart the parts, one under the other.
 * @param rowLength weights in a row
 * @throws FsError `onnx/weight-type` when a part is not stored in the format, `onnx/weight-shape` for a wrong length
 */
export async function blockArrays(
  parts: readonly TensorPart[],
  format: BlockFormat,
  rowLength: number,
  weights: WeightReader,
): Promise<BlockArrays> {
  const arrays = emptyArrays(parts, format, rowLength)
  await readBands(parts, rowLength, weights, (name, { type, bytes }, first) => {
    if (!isSplitType(type) || JSON.stringify(blockFormatOf(type)) !== JSON.stringify(format)) {
      throw onnxError('onnx/weight-type', `${name} is stored as ${type}, which does not fit the graph; build the graph for this file`, {
        tensor: name,
        type,
      })
    }
    splitBlocks(type, bytes, arrays, format, first)
  })
  return arrays
}

/**
 * Whole rows of one stored type taken apart.
 * @param bytes blocks as ggml stores them; they are exactly the rows
 * @param format `blockFormatOf(type)`
 */
export function splitRows(type: SplitType, bytes: Uint8Array, format: BlockFormat): BlockArrays {
  const { blockBytes, blockSize } = GGML_TYPES[type]
  const arrays = arraysOf((bytes.length / blockBytes) * blockSize, format)
  splitBlocks(type, bytes, arrays, format, 0)
  return arrays
}

/** @throws FsError `onnx/weight-type` for a part that is only zeros */
export function emptyArrays(parts: readonly TensorPart[], format: BlockFormat, rowLength: number): BlockArrays {
  if (parts.some((part) => part.kind === 'zeros')) throw onnxError('onnx/weight-type', 'a blocked weight cannot be joined with zeros', {})
  return arraysOf(parts.reduce((sum, part) => sum + part.rows, 0) * rowLength, format)
}

function arraysOf(elements: number, format: BlockFormat): BlockArrays {
  const blocks = elements / format.blockSize
  return {
    integers: new Uint8Array((elements * format.bits) / 8),
    scales: new Float32Array(blocks),
    addends: new Float32Array(format.minimums ? blocks : 0),
  }
}

/** @param first index of the first weight in the arrays */
function splitBlocks(type: SplitType, bytes: Uint8Array, arrays: BlockArrays, format: BlockFormat, first: number): void {
  const { blockBytes, blockSize } = GGML_TYPES[type]
  let byte = (first * format.bits) / 8
  let group = first / format.blockSize
  const split = FAST_SPLITTERS[type]
  if (split === undefined) {
    splitByLevels(type, bytes, arrays, format, byte, group)
    return
  }
  const groups = blockSize / format.blockSize
  const bytesOut = (blockSize * format.bits) / 8
  for (let at = 0; at < bytes.length; at += blockBytes) {
    split(bytes, at, arrays, byte, group)
    byte += bytesOut
    group += groups
  }
}

/** The general way: levels, scales and minimums as `@fs/quant` takes any type apart. */
export function splitByLevels(
  type: SplitType,
  bytes: Uint8Array,
  { integers, scales, addends }: BlockArrays,
  format: BlockFormat,
  byte: number,
  group: number,
): void {
  const { blockSize, blockBytes } = GGML_TYPES[type]
  const { middle } = levelRange(type)
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
