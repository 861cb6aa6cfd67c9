// Stored ggml blocks as the arrays of a blocked matrix multiplication, from several parts under one another. Taking blocks apart is
// `@fs/quant/matmulnbits`'s business.
import { emptyArrays, isRepackable, type MatMulNBitsArrays, repackInto } from '@fs/quant/matmulnbits'
import { onnxError } from '../../errors.ts'
import type { BlockFormat, TensorPart } from '../graph-tensor.ts'
import { readBands } from '../read-bands.ts'
import type { WeightReader } from '../weight-reader.ts'
import { blockFormatOf } from './block-formats.ts'

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
): Promise<MatMulNBitsArrays> {
  const arrays = arraysOfParts(parts, format, rowLength)
  await readBands(parts, rowLength, weights, (name, { type, bytes }, first) => {
    if (!isRepackable(type) || JSON.stringify(blockFormatOf(type)) !== JSON.stringify(format)) {
      throw onnxError('onnx/weight-type', `${name} is stored as ${type}, which does not fit the graph; build the graph for this file`, {
        tensor: name,
        type,
      })
    }
    repackInto(type, bytes, arrays, format, first)
  })
  return arrays
}

/** @throws FsError `onnx/weight-type` for a part that is only zeros */
export function arraysOfParts(parts: readonly TensorPart[], format: BlockFormat, rowLength: number): MatMulNBitsArrays {
  if (parts.some((part) => part.kind === 'zeros')) throw onnxError('onnx/weight-type', 'a blocked weight cannot be joined with zeros', {})
  return emptyArrays(parts.reduce((sum, part) => sum + part.rows, 0) * rowLength, format)
}
