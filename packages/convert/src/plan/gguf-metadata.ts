// Puts a GGUF file's metadata together in llama.cpp's order: what it is, who made it, the architecture, the vocabulary.
// Each part comes from elsewhere; only the order and the file type are decided here.
import type { MetadataValue } from '@fs/core'
import type { OpenedModel } from '../open-model.ts'

export type MetadataEntries = readonly (readonly [string, MetadataValue])[]

/** `GGML_QNT_VERSION` of ggml: the block layouts of today. */
const QUANTIZATION_VERSION = 2

export type MetadataParts = {
  readonly model: OpenedModel
  /** `general.*` entries, from `general-metadata`. */
  readonly general: MetadataEntries
  /** `tokenizer.*` entries, from `@fs/tokenizer`. */
  readonly vocabulary: MetadataEntries
  /** Value of `general.file_type`. */
  readonly fileType: number
  /** Whose file this is to equal: the converter leaves the file type out for some families, the quantizer always writes it. */
  readonly writer: 'converter' | 'quantizer'
  /** Keys of an importance matrix that was used. */
  readonly importance: MetadataEntries
}

/** Metadata of a model that was not a GGUF before. What the quantizer writes is in its order, as if it had run on the converter's file. */
export function newMetadata(parts: MetadataParts): ReadonlyMap<string, MetadataValue> {
  const metadata = withoutEmpty(
    new Map<string, MetadataValue>([
      ['general.architecture', { type: 'STRING', value: parts.model.description.architecture.ggufArchitecture }],
      ...parts.general,
      ...parts.model.description.ggufMetadata,
      ['general.quantization_version', { type: 'UINT32', value: QUANTIZATION_VERSION }],
      ...parts.vocabulary,
    ]),
  )
  if (parts.writer === 'quantizer') return copiedMetadata(metadata, parts.fileType, parts.importance)
  if (metadata.has('general.file_type')) metadata.set('general.file_type', { type: 'UINT32', value: parts.fileType })
  return metadata
}

/**
 * Metadata of a GGUF that was one before: everything is kept but what quantizing changes. llama-quantize sets a key by removing and
 * appending it, so what it sets comes last (llama-quant.cpp; gguf.cpp, gguf_set_val).
 */
export function copiedMetadata(
  metadata: ReadonlyMap<string, MetadataValue>,
  fileType: number,
  overrides: MetadataEntries,
): ReadonlyMap<string, MetadataValue> {
  // What was found of the source's weights is not true of others.
  const copy = new Map([...metadata].filter(([key]) => !key.startsWith('fartsovka.verification.')))
  for (const key of ['split.no', 'split.count', 'split.tensors.count']) copy.delete(key)
  const set: MetadataEntries = [
    ['general.quantization_version', { type: 'UINT32', value: QUANTIZATION_VERSION }],
    ['general.file_type', { type: 'UINT32', value: fileType }],
    ...overrides,
  ]
  for (const [key, value] of set) {
    copy.delete(key)
    copy.set(key, value)
  }
  return copy
}

/** gguf-py's writer skips empty strings and empty arrays; without this key, empty or not, llama.cpp refuses a byte-pair vocabulary. */
const KEPT_EMPTY = 'tokenizer.ggml.merges'

function withoutEmpty(metadata: ReadonlyMap<string, MetadataValue>): Map<string, MetadataValue> {
  const isEmpty = ({ type, value }: MetadataValue) => (type === 'STRING' && value === '') || (type === 'ARRAY' && value.length === 0)
  return new Map([...metadata].filter(([key, value]) => key === KEPT_EMPTY || !isEmpty(value)))
}
