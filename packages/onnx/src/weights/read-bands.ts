// Reads parts of canonical weights a band of rows at a time, so that no more than a band is held beside the result.
// What becomes of a band is the caller's business.
import { DTYPES, GGML_TYPES, isGgmlType, type TensorType } from '@fs/core'
import { onnxError } from '../errors.ts'
import type { TensorPart } from './graph-tensor.ts'
import type { StoredRows, WeightReader } from './weight-reader.ts'

/** Numbers in a band, roughly: 16 MiB of float32. */
const BAND = 1 << 22

/**
 * Calls `take` with each band in order; parts that are zeros are stepped over.
 * @param rowLength numbers in each row: of a vector, 1
 * @param take gets the tensor's name, the band, and the index of its first number in the result
 * @throws FsError `onnx/weight-shape` for a band of the wrong length
 */
export async function readBands(
  parts: readonly TensorPart[],
  rowLength: number,
  weights: WeightReader,
  take: (name: string, band: StoredRows, first: number, count: number) => void,
): Promise<void> {
  const bandRows = Math.max(1, Math.floor(BAND / rowLength))
  let first = 0
  for (const part of parts) {
    if (part.kind === 'zeros') {
      first += part.rows * rowLength
      continue
    }
    for (let row = 0; row < part.rows; row += bandRows) {
      const rows = Math.min(bandRows, part.rows - row)
      const band = await weights.read(part.name, part.firstRow + row, rows)
      const count = rows * rowLength
      checkLength(part.name, band.type, band.bytes.length, count)
      take(part.name, band, first, count)
      first += count
    }
  }
}

function checkLength(name: string, type: TensorType, bytes: number, elements: number): void {
  const { blockSize, blockBytes } = isGgmlType(type) ? GGML_TYPES[type] : { blockSize: 1, blockBytes: DTYPES[type].bytes }
  if (elements % blockSize === 0 && bytes === (elements / blockSize) * blockBytes) return
  throw onnxError('onnx/weight-shape', `${name}: ${bytes} bytes of ${type} are not the ${elements} weights the description calls for`, {
    tensor: name,
    type,
    bytes,
    elements,
  })
}
