// Lays out a file of before GGUF: the bytes between tensor data and the place of each tensor. Pure. Unlike in GGUF, a record stands directly
// before each tensor's data, so there are many pieces instead of one header.
import { GGML_TYPES, type GgmlType } from '@fs/core'
import { fail } from '../errors.ts'
import { ByteWriter } from '../gguf/byte-writer.ts'
import { align, tensorBytes } from '../gguf/tensor-table.ts'
import { encodeText } from '../lossless-text.ts'
import { GGML_CONTAINERS } from './containers.ts'
import { GGML_MODELS, type GgmlModelId } from './models.ts'
import { MAX_NAME_BYTES } from './tensors.ts'
import { MAX_TOKEN_BYTES, type Vocabulary } from './vocabulary.ts'

export type GgmlLayoutInput = {
  /** `ggjt` of version 1 for floats, of version 3 for quantized blocks, as llm-rs writes them; `ggml` for every family but llama. */
  readonly container: { readonly kind: 'ggml' } | { readonly kind: 'ggjt'; readonly version: 1 | 3 }
  readonly model: GgmlModelId
  /** Every field of the model's table in `models.ts`, `ftype` included. */
  readonly hyperparameters: ReadonlyMap<string, number>
  readonly vocabulary: Vocabulary
  /** Shapes outermost dimension first. */
  readonly tensors: readonly { readonly name: string; readonly type: GgmlType; readonly shape: readonly number[] }[]
}

export type GgmlLayout = {
  /** Bytes to be written as they are. Together with the tensors' data they cover the file exactly. */
  readonly pieces: readonly { readonly offset: number; readonly bytes: Uint8Array }[]
  readonly tensors: readonly { readonly name: string; readonly offset: number; readonly byteLength: number }[]
  readonly size: number
}

/**
 * Places vocabulary and tensors as llm-rs and the converters of llama.cpp of spring 2023 did.
 * @throws FsError ggml/unwritable
 */
export function layoutGgml(input: GgmlLayoutInput): GgmlLayout {
  const { alignment } = GGML_CONTAINERS[input.container.kind]
  let piece = header(input)
  let offset = 0
  const pieces: { readonly offset: number; readonly bytes: Uint8Array }[] = []
  const tensors: { readonly name: string; readonly offset: number; readonly byteLength: number }[] = []
  const seen = new Set<string>()
  for (const tensor of input.tensors) {
    if (seen.has(tensor.name)) throw unwritable(`tensor "${tensor.name}" is to be written twice`)
    seen.add(tensor.name)
    const byteLength = writeRecord(piece, tensor)
    const dataOffset = align(offset + piece.length, alignment)
    pieces.push({ offset, bytes: piece.finish(dataOffset - offset) })
    tensors.push({ name: tensor.name, offset: dataOffset, byteLength })
    offset = dataOffset + byteLength
    piece = new ByteWriter()
  }
  if (input.tensors.length === 0) {
    pieces.push({ offset, bytes: piece.finish(piece.length) })
    offset = piece.length
  }
  if (!Number.isSafeInteger(offset)) throw unwritable('the file would be larger than any disk')
  return { pieces, tensors, size: offset }
}

function header(input: GgmlLayoutInput): ByteWriter {
  const { container, model, hyperparameters, vocabulary } = input
  const { fields, vocabularySize, countBeforeVocabulary } = GGML_MODELS[model]
  const { magic, scores } = GGML_CONTAINERS[container.kind]
  const writer = new ByteWriter()
  writer.u32(magic)
  if (container.kind === 'ggjt') writer.u32(container.version)
  for (const { name, type } of fields) {
    const value = hyperparameters.get(name)
    if (value === undefined) throw unwritable(`a ${model} model needs the hyperparameter ${name}`)
    if (type === 'i32' && (value | 0) !== value) throw unwritable(`the hyperparameter ${name} is ${value}, which is no 32-bit integer`)
    writer.number(4, (view, at) => (type === 'i32' ? view.setInt32(at, value, true) : view.setFloat32(at, value, true)))
  }
  const count = vocabulary.tokens.length
  if (hyperparameters.get(vocabularySize) !== count) {
    throw unwritable(`${vocabularySize} is ${hyperparameters.get(vocabularySize)}, the vocabulary has ${count} tokens`)
  }
  if (vocabulary.scores !== undefined && (!scores || vocabulary.scores.length !== count)) {
    throw unwritable(
      scores ? 'there are not as many scores as tokens' : `a ${container.kind} file has no place for the vocabulary's scores; write ggjt`,
    )
  }
  if (countBeforeVocabulary) writer.u32(count)
  vocabulary.tokens.forEach((token, index) => {
    if (token.length > MAX_TOKEN_BYTES) throw unwritable(`token ${index} has ${token.length} bytes`)
    writer.u32(token.length)
    writer.bytes(token)
    if (scores) writer.number(4, (view, at) => view.setFloat32(at, vocabulary.scores?.[index] ?? 0, true))
  })
  return writer
}

function writeRecord(writer: ByteWriter, tensor: GgmlLayoutInput['tensors'][number]): number {
  const { name, type, shape } = tensor
  const nameBytes = encodeText(name)
  const byteLength = tensorBytes(type, shape)
  const writable = shape.length >= 1 && shape.length <= 4 && nameBytes.length >= 1 && nameBytes.length <= MAX_NAME_BYTES
  if (typeof byteLength !== 'number' || !writable || shape.some((size) => size > 0x7fffffff)) {
    throw unwritable(`tensor "${name}" of shape ${shape.join(' x ')} cannot be written as ${type}`)
  }
  writer.u32(shape.length)
  writer.u32(nameBytes.length)
  writer.u32(GGML_TYPES[type].id)
  for (const size of shape.toReversed()) writer.u32(size)
  writer.bytes(nameBytes)
  return byteLength
}

function unwritable(message: string) {
  return fail('ggml/unwritable', message)
}
