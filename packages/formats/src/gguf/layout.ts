// Lays out a GGUF file before any of its data exists: the exact header bytes and the place of every tensor.
// Pure: it reads and writes nothing, so a conversion plan can be made, printed and compared.
import type { GgmlType, MetadataValue } from '@fs/core'
import { GGML_TYPES } from '@fs/core'
import { fail } from '../errors.ts'
import { encodeText } from '../lossless-text.ts'
import { ByteWriter } from './byte-writer.ts'
import { DEFAULT_ALIGNMENT, MAX_DIMENSIONS, MAX_WRITTEN_NAME_BYTES } from './limits.ts'
import { align, extentError, tensorBytes } from './tensor-table.ts'
import { writeMetadata } from './write-metadata.ts'

/** A tensor to be placed; the shape is outermost dimension first. */
export type GgufTensorPlan = { readonly name: string; readonly type: GgmlType; readonly shape: readonly number[] }

export type GgufLayoutInput = {
  /** Written in the map's order. `general.alignment` here decides the alignment unless `alignment` is given, and both must agree. */
  readonly metadata: ReadonlyMap<string, MetadataValue>
  /** Written in this order, records and data alike; llama.cpp refuses a file where they differ. */
  readonly tensors: readonly GgufTensorPlan[]
  /** 32 unless the metadata says otherwise. */
  readonly alignment?: number
  readonly version?: 2 | 3
}

export type PlacedTensor = {
  readonly name: string
  /** Where its bytes start in the file. */
  readonly offset: number
  readonly byteLength: number
  /** Bytes up to where the next tensor starts; the ones after `byteLength` are zero. */
  readonly paddedLength: number
}

export type GgufLayout = {
  /** Everything before the tensor data, its padding included. */
  readonly header: Uint8Array
  /** Bytes of the header before the padding: all that gguf-py writes for a file without tensors. */
  readonly unpaddedHeaderLength: number
  readonly tensors: readonly PlacedTensor[]
  /** Bytes of the whole file; the last tensor is padded too, as gguf-py and llama.cpp do. */
  readonly size: number
}

/**
 * Places metadata and tensors as gguf-py's writer and `gguf_write_out` of ggml do (little-endian). Dimensions are written as given;
 * llama.cpp's own tools drop leading dimensions of 1, gguf-py does not, so that choice is the caller's.
 * @throws FsError gguf/unwritable, gguf/duplicate-tensor, gguf/partial-block, gguf/tensor-size, gguf/alignment
 */
export function layoutGguf(input: GgufLayoutInput): GgufLayout {
  const alignment = chooseAlignment(input)
  const writer = new ByteWriter()
  writer.bytes(encodeText('GGUF'))
  writer.u32(input.version ?? 3)
  writer.u64(input.tensors.length)
  writer.u64(input.metadata.size)
  writeMetadata(writer, input.metadata)

  const seen = new Set<string>()
  const placed: PlacedTensor[] = []
  let offset = 0
  for (const tensor of input.tensors) {
    if (seen.has(tensor.name))
      throw fail('gguf/duplicate-tensor', `tensor "${tensor.name}" is to be written twice`, { tensor: tensor.name })
    seen.add(tensor.name)
    const byteLength = writeRecord(writer, tensor, offset)
    const paddedLength = align(byteLength, alignment)
    placed.push({ name: tensor.name, offset, byteLength, paddedLength })
    offset += paddedLength
    if (!Number.isSafeInteger(offset)) throw fail('gguf/tensor-size', 'the file would be larger than any disk', { tensor: tensor.name })
  }
  const unpaddedHeaderLength = writer.length
  const dataOffset = align(unpaddedHeaderLength, alignment)
  return {
    header: writer.finish(dataOffset),
    unpaddedHeaderLength,
    tensors: placed.map((tensor) => ({ ...tensor, offset: dataOffset + tensor.offset })),
    size: dataOffset + offset,
  }
}

function writeRecord(writer: ByteWriter, tensor: GgufTensorPlan, offset: number): number {
  const { name, type, shape } = tensor
  const nameBytes = encodeText(name)
  if (name === '' || nameBytes.length > MAX_WRITTEN_NAME_BYTES) {
    throw fail('gguf/unwritable', `tensor name "${name}" has ${nameBytes.length} bytes; ggml allows 1 to ${MAX_WRITTEN_NAME_BYTES}`, {
      tensor: name,
    })
  }
  if (shape.length > MAX_DIMENSIONS) {
    throw fail('gguf/unwritable', `tensor "${name}" has ${shape.length} dimensions; ggml has at most ${MAX_DIMENSIONS}`, { tensor: name })
  }
  const byteLength = tensorBytes(type, shape)
  if (typeof byteLength !== 'number') throw extentError(byteLength.problem, 'the file to be written', name, type, shape)
  writer.string(name)
  writer.u32(shape.length)
  for (const dimension of shape.toReversed()) writer.u64(dimension)
  writer.u32(GGML_TYPES[type].id)
  writer.u64(offset)
  return byteLength
}

function chooseAlignment(input: GgufLayoutInput): number {
  const stored = input.metadata.get('general.alignment')
  const alignment = input.alignment ?? (stored === undefined ? DEFAULT_ALIGNMENT : Number(stored.value))
  const said = stored === undefined ? DEFAULT_ALIGNMENT : stored.value
  if (alignment !== said || (stored !== undefined && stored.type !== 'UINT32')) {
    throw fail('gguf/alignment', `an alignment of ${alignment} has to be said in general.alignment as UINT32; it says ${String(said)}`, {
      alignment,
    })
  }
  if (alignment < 8 || !Number.isInteger(Math.log2(alignment))) {
    throw fail('gguf/alignment', `an alignment of ${alignment} is not a power of two of at least 8`, { alignment })
  }
  return alignment
}
