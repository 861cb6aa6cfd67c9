// Parts of canonical weights as one run of float32 numbers, whatever they are stored as.
import { DTYPES, GGML_TYPES, isDtype, isGgmlType, type TensorType } from '@fs/core'
import { BLOCK_TYPES, isBlockType } from '@fs/quant/block-types'
import { decodeFloats } from '@fs/quant/floats'
import { onnxError } from '../errors.ts'
import type { TensorPart } from './graph-tensor.ts'
import type { StoredRows, WeightReader } from './weight-reader.ts'

/**
 * The parts under one another.
 * @param rowLength numbers in each row: of a vector, 1
 * @throws FsError `onnx/weight-type` for a type that holds no numbers, `onnx/weight-shape` for a wrong length
 */
export async function floatRows(parts: readonly TensorPart[], rowLength: number, weights: WeightReader): Promise<Float32Array> {
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.rows, 0) * rowLength)
  let first = 0
  for (const part of parts) {
    const count = part.rows * rowLength
    if (part.kind === 'tensor') {
      decodeRows(part.name, await weights.read(part.name, part.firstRow, part.rows), values.subarray(first, first + count))
    }
    first += count
  }
  return values
}

/** Decodes stored rows that must be exactly as many numbers as `destination` holds. */
export function decodeRows(name: string, stored: StoredRows, destination: Float32Array): void {
  const { type, bytes } = stored
  checkLength(name, type, bytes.length, destination.length)
  if (isDtype(type)) decodeFloats(type, bytes, destination)
  else if (isBlockType(type)) BLOCK_TYPES[type].dequantize(bytes, destination)
  else
    throw onnxError('onnx/weight-type', `${name} is stored as ${type}, which holds no weights; convert the model again`, {
      tensor: name,
      type,
    })
}

/** @throws FsError `onnx/weight-shape` unless `bytes` is what `elements` numbers take */
export function checkLength(name: string, type: TensorType, bytes: number, elements: number): void {
  const { blockSize, blockBytes } = isGgmlType(type) ? GGML_TYPES[type] : { blockSize: 1, blockBytes: DTYPES[type].bytes }
  if (elements % blockSize === 0 && bytes === (elements / blockSize) * blockBytes) return
  throw onnxError('onnx/weight-shape', `${name}: ${bytes} bytes of ${type} are not the ${elements} weights the description calls for`, {
    tensor: name,
    type,
    bytes,
    elements,
  })
}
