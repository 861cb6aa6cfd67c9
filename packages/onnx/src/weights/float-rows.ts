// Parts of canonical weights as one run of float32 numbers, whatever they are stored as.
import { FsError } from '@fs/core'
import type { RowCodec } from '@fs/quant'
import { onnxError } from '../errors.ts'
import type { TensorPart } from './graph-tensor.ts'
import { readBands } from './read-bands.ts'
import type { StoredRows, WeightReader } from './weight-reader.ts'

/**
 * The parts under one another.
 * @param rowLength numbers in each row: of a vector, 1
 * @throws FsError `onnx/weight-type` for a type that holds no numbers, `onnx/weight-shape` for a wrong length
 */
export async function floatRows(
  parts: readonly TensorPart[],
  rowLength: number,
  weights: WeightReader,
  codec: RowCodec,
): Promise<Float32Array> {
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.rows, 0) * rowLength)
  await readBands(parts, rowLength, weights, (name, band, first, count) => values.set(decodeBand(name, band, count, codec), first))
  return values
}

/** @returns a view of the band's numbers, valid until the codec's next use */
export function decodeBand(name: string, { type, bytes }: StoredRows, count: number, codec: RowCodec): Float32Array {
  codec.input(bytes.length).set(bytes)
  try {
    return codec.decode({ from: type, rows: 1, rowLength: count })
  } catch (cause) {
    if (!FsError.is(cause)) throw cause
    const message = `${name} is stored as ${type}, which holds no weights that can be decoded; convert the model again`
    throw onnxError('onnx/weight-type', message, { tensor: name, type }, cause)
  }
}
