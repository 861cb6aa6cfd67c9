// Reads llama-perplexity's file of log-probabilities as scored windows. Every count is held against the file's size before anything is read.
// Rows are read as they are needed; the file may be larger than memory.
import type { ByteSource } from '@fs/core'
import { evalError } from '../errors.ts'
import { type LogProbabilities, positionsPerPiece } from '../scoring/log-probabilities.ts'
import type { Scored } from '../scoring/score-windows.ts'
import { logitsFileBytes, MAGIC, PREAMBLE_BYTES, rowBytes, rowsPerChunk } from './layout.ts'

/**
 * The file does not say which token began each chunk: set `beginningToken` of the windows from the model's tokenizer before scoring a model
 * against it.
 * @throws FsError `eval/logits-file` when the file is not one or is not as long as its counts say
 */
export async function openLogitsFile(source: ByteSource): Promise<Scored> {
  const fail = (reason: string) => evalError('eval/logits-file', `${source.name}: ${reason}`, { file: source.name, size: source.size })
  if (source.size < PREAMBLE_BYTES) throw fail(`${source.size} bytes are too few for a file of log-probabilities`)
  const preamble = await source.read(0, PREAMBLE_BYTES)
  if (new TextDecoder('latin1').decode(preamble.subarray(0, MAGIC.length)) !== MAGIC)
    throw fail('it does not begin with _logits_; make it with fartsovka perplexity --save-logits')
  const view = new DataView(preamble.buffer, preamble.byteOffset, preamble.byteLength)
  const [contextLength, vocabularySize, count] = [0, 1, 2].map((index) => view.getInt32(MAGIC.length + 4 * index, true)) as [
    number,
    number,
    number,
  ]
  if (contextLength < 4 || vocabularySize < 1 || count < 1)
    throw fail(`a context of ${contextLength}, a vocabulary of ${vocabularySize} and ${count} chunks make no sense`)
  const size = logitsFileBytes({ contextLength, vocabularySize, count })
  if (size !== BigInt(source.size))
    throw fail(
      `${count} chunks of ${contextLength} tokens take ${size} bytes and the file has ${source.size}; it was cut short or is damaged`,
    )
  const tokens = await readTokens(source, count * contextLength)
  const wrong = tokens.findIndex((token) => token < 0 || token >= vocabularySize)
  if (wrong >= 0) throw fail(`token ${wrong} has id ${tokens[wrong]}, which is none of ${vocabularySize}`)
  const windows = { tokens, contextLength, count, step: contextLength, firstScored: Math.floor(contextLength / 2) }
  return { vocabularySize, windows, window: (index) => readWindow(source, windows, vocabularySize, index) }
}

async function readTokens(source: ByteSource, length: number): Promise<Int32Array> {
  const bytes = await source.read(PREAMBLE_BYTES, 4 * length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Int32Array.from({ length }, (_, index) => view.getInt32(4 * index, true))
}

type Shape = { readonly contextLength: number; readonly count: number }

async function* readWindow(
  source: ByteSource,
  { contextLength, count }: Shape,
  vocabularySize: number,
  index: number,
): AsyncGenerator<LogProbabilities> {
  const width = rowBytes(vocabularySize)
  const rows = rowsPerChunk(contextLength)
  const start = PREAMBLE_BYTES + 4 * count * contextLength + index * rows * width
  const perPiece = positionsPerPiece(vocabularySize)
  for (let row = 0; row < rows; row += perPiece) {
    const many = Math.min(perPiece, rows - row)
    const piece = decodeRows(await source.read(start + row * width, many * width), many, vocabularySize)
    const wrong = piece.values.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0) {
      const position = index * rows + row + Math.floor(wrong / vocabularySize)
      throw evalError(
        'eval/logits-file',
        `${source.name}: scored position ${position} holds numbers that are not finite; make the file again`,
        {
          file: source.name,
          position,
        },
      )
    }
    yield piece
  }
}

/** The numbers are log-probabilities already, so nothing is taken off them. */
function decodeRows(bytes: Uint8Array, rows: number, vocabularySize: number): LogProbabilities {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new Float32Array(rows * vocabularySize)
  const width = rowBytes(vocabularySize)
  for (let row = 0; row < rows; row++) {
    const scale = view.getFloat32(row * width, true)
    const lowest = view.getFloat32(row * width + 4, true)
    for (let token = 0; token < vocabularySize; token++)
      values[row * vocabularySize + token] = Math.fround(scale * view.getUint16(row * width + 8 + 2 * token, true)) + lowest
  }
  return { values, normalizers: new Float64Array(rows) }
}
