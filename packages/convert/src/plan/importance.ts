// The importance matrix as a plan uses it: weights for each tensor, checked against its shape, and the metadata that says where they came from.
// Reading the file is `@fs/formats/imatrix`'s business.
import type { MetadataValue } from '@fs/core'
import { channelWeights, type Imatrix } from '@fs/formats/imatrix'
import { convertError } from '../errors.ts'

export type Importance = {
  /**
   * Weights of a GGUF tensor, one per column and matrix; undefined where there are none.
   * @throws FsError `convert/importance-width` when the matrix was made for another width
   */
  weightsFor(tensor: string, shape?: readonly number[]): Float32Array | undefined
  /** `quantize.imatrix.*` keys for the file that used it. */
  readonly metadata: readonly (readonly [string, MetadataValue])[]
}

/** llama-quantize keeps strings of these keys in 128 bytes with their end. */
const MAX_VALUE_BYTES = 127

/** @param file the path as the user gave it, which the metadata keeps */
export function importanceOf(imatrix: Imatrix, file: string): Importance {
  const string = (text: string): MetadataValue => ({ type: 'STRING', value: cutToBytes(text) })
  const count = (value: number): MetadataValue => ({ type: 'UINT32', value })
  const [dataset] = imatrix.datasets
  return {
    weightsFor: (tensor, shape) => {
      const entry = imatrix.entries.get(tensor)
      if (entry === undefined) return undefined
      const width = shape === undefined ? entry.sums.length : shape.at(-1)! * (shape.at(-3) ?? 1)
      if (width === entry.sums.length) return channelWeights(entry)
      // The embedding is looked up, not multiplied, so its entry, where there is one, means something else (llama-quant.cpp).
      if (tensor === 'token_embd.weight') return undefined
      throw convertError(
        'convert/importance-width',
        `${file} has ${entry.sums.length} values for ${tensor}, which has ${width} channels; it was made from another model`,
        {
          file,
          tensor,
          actual: entry.sums.length,
          expected: width,
        },
      )
    },
    metadata: [
      ['quantize.imatrix.file', string(file)],
      ...(dataset === undefined ? [] : [['quantize.imatrix.dataset', string(dataset)] as const]),
      ['quantize.imatrix.entries_count', count(imatrix.entries.size)],
      ...(imatrix.chunkCount > 0 ? [['quantize.imatrix.chunks_count', count(imatrix.chunkCount)] as const] : []),
    ],
  }
}

function cutToBytes(text: string): string {
  const bytes = new TextEncoder().encode(text)
  return bytes.length <= MAX_VALUE_BYTES ? text : new TextDecoder().decode(bytes.subarray(0, MAX_VALUE_BYTES)).replace(/\ufffd+$/, '')
}
