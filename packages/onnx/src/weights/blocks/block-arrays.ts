// Stored ggml blocks as the arrays of a blocked matrix multiplication: integers, scales, addends.
// Which types can be taken apart is the table here; how each one is, stands in its own file.
import { GGML_TYPES, type GgmlType, type TensorType } from '@fs/core'
import { onnxError } from '../../errors.ts'
import { checkLength } from '../float-rows.ts'
import type { BlockFormat, TensorPart } from '../graph-tensor.ts'
import type { WeightReader } from '../weight-reader.ts'
import { iq4_nl, iq4_xs, mxfp4, tq2_0 } from './codebook-types.ts'
import { q2_k, q3_k, q4_k, q5_k, q6_k } from './k-types.ts'
import { q4_0, q4_1, q5_0, q5_1, q8_0 } from './plain-types.ts'
import type { BlockArrays, Splitter } from './splitter.ts'

const SPLITTERS = {
  Q4_0: q4_0,
  Q4_1: q4_1,
  Q5_0: q5_0,
  Q5_1: q5_1,
  Q8_0: q8_0,
  Q2_K: q2_k,
  Q3_K: q3_k,
  Q4_K: q4_k,
  Q5_K: q5_k,
  Q6_K: q6_k,
  IQ4_NL: iq4_nl,
  IQ4_XS: iq4_xs,
  MXFP4: mxfp4,
  TQ2_0: tq2_0,
} as const satisfies { readonly [Type in GgmlType]?: Splitter }

type SplitType = keyof typeof SPLITTERS

/** Types that keep their stored values in a blocked format; weights of every other type enter a graph as floats. */
export function blockFormatOf(type: TensorType): BlockFormat | null {
  return isSplitType(type) ? SPLITTERS[type].format : null
}

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
  const elements = parts.reduce((sum, part) => sum + part.rows, 0) * rowLength
  const blocks = elements / format.blockSize
  const arrays: BlockArrays = {
    integers: new Uint8Array((elements * format.bits) / 8),
    scales: new Float32Array(blocks),
    addends: new Float32Array(format.minimums ? blocks : 0),
  }
  let first = 0
  for (const part of parts) {
    if (part.kind === 'zeros') throw onnxError('onnx/weight-type', 'a blocked weight cannot be joined with zeros', {})
    const stored = await weights.read(part.name, part.firstRow, part.rows)
    if (!isSplitType(stored.type) || !sameFormat(SPLITTERS[stored.type].format, format)) {
      throw onnxError(
        'onnx/weight-type',
        `${part.name} is stored as ${stored.type}, which does not fit the graph; build the graph for this file`,
        {
          tensor: part.name,
          type: stored.type,
        },
      )
    }
    checkLength(part.name, stored.type, stored.bytes.length, part.rows * rowLength)
    splitRows(stored.type, stored.bytes, arrays, first)
    first += part.rows * rowLength
  }
  return arrays
}

/** @param first index of the first weight in the arrays */
function splitRows(type: SplitType, bytes: Uint8Array, arrays: BlockArrays, first: number): void {
  const { format, split }: Splitter = SPLITTERS[type]
  const { blockBytes, blockSize } = GGML_TYPES[type]
  const groups = blockSize / format.blockSize
  const bytesOut = (blockSize * format.bits) / 8
  let byte = (first * format.bits) / 8
  let group = first / format.blockSize
  for (let at = 0; at < bytes.length; at += blockBytes) {
    split(bytes, at, arrays, byte, group)
    byte += bytesOut
    group += groups
  }
}

function isSplitType(type: TensorType): type is SplitType {
  return Object.hasOwn(SPLITTERS, type)
}

function sameFormat(left: BlockFormat, right: BlockFormat): boolean {
  return left.bits === right.bits && left.blockSize === right.blockSize && left.minimums === right.minimums
}
