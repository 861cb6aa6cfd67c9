// Writes llama-perplexity's file of log-probabilities, as it does for the same logits.
// Where the bytes go is the caller's business.
import { evalError } from '../errors.ts'
import type { LogProbabilities } from '../scoring/log-probabilities.ts'
import type { Windows } from '../scoring/windows.ts'
import { MAGIC, PREAMBLE_BYTES, rowBytes } from './layout.ts'

/** What stands before the rows; the tokens are the text's own, without the beginning token put in their place. @throws FsError `eval/logits-file` */
export function encodeLogitsHeader({ tokens, contextLength, count, step }: Windows, vocabularySize: number): Uint8Array {
  if (step !== contextLength)
    throw evalError('eval/logits-file', 'a file of log-probabilities has no place for overlapping windows; leave out the stride', { step })
  const bytes = new Uint8Array(PREAMBLE_BYTES + 4 * count * contextLength)
  bytes.set(new TextEncoder().encode(MAGIC))
  const view = new DataView(bytes.buffer)
  for (const [index, value] of [contextLength, vocabularySize, count].entries()) view.setInt32(MAGIC.length + 4 * index, value, true)
  for (let index = 0; index < count * contextLength; index++) view.setInt32(PREAMBLE_BYTES + 4 * index, tokens[index]!, true)
  return bytes
}

/** Log-probabilities further than this below the likeliest are not told apart. */
const RANGE = 16

/** Rows of a piece. Rounding to uint16 and every intermediate in float32 follow perplexity.cpp's `log_softmax`. */
export function encodeLogitsRows({ values, normalizers }: LogProbabilities, vocabularySize: number): Uint8Array {
  const width = rowBytes(vocabularySize)
  const bytes = new Uint8Array(normalizers.length * width)
  const view = new DataView(bytes.buffer)
  for (let row = 0; row < normalizers.length; row++) {
    const start = row * vocabularySize
    let largest = values[start]!
    let smallest = largest
    for (let index = start + 1; index < start + vocabularySize; index++) {
      const value = values[index]!
      if (value > largest) largest = value
      if (value < smallest) smallest = value
    }
    const lowest = Math.max(smallest, Math.fround(largest - RANGE))
    const logSum = Math.fround(normalizers[row]! - largest)
    const scale = Math.fround(Math.fround(largest - lowest) / 65535)
    view.setFloat32(row * width, scale, true)
    view.setFloat32(row * width + 4, Math.fround(Math.fround(lowest - largest) - logSum), true)
    if (scale === 0) continue
    const inverse = Math.fround(1 / scale)
    for (let token = 0; token < vocabularySize; token++) {
      const value = values[start + token]!
      if (value <= lowest) continue
      view.setUint16(row * width + 8 + 2 * token, roundHalfEven(Math.fround(inverse * Math.fround(value - lowest))), true)
    }
  }
  return bytes
}

/** Adding 1.5 * 2^23 in float32 leaves the nearest integer, ties to even, in the mantissa: ggml's `nearest_int`. */
function roundHalfEven(value: number): number {
  return Math.fround(value + 12582912) - 12582912
}
