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
  /** llama.cpp's converter leaves the file type out for some families, its quantizer always writes it. */
  readonly fileTypeWhere: 'in-place-only' | 'always'
}

/** Metadata of a model that was not a GGUF before. */
export function newMetadata(parts: MetadataParts): ReadonlyMap<string, MetadataValue> {
  const fileType: MetadataValue = { type: 'UINT32', value: parts.fileType }
  const metadata = new Map<string, MetadataValue>([
    ['general.architecture', { type: 'STRING', value: parts.model.description.architecture.ggufArchitecture }],
    ...parts.general,
    ...parts.model.description.ggufMetadata,
    ['general.quantization_version', { type: 'UINT32', value: QUANTIZATION_VERSION }],
    ...parts.vocabulary,
  ])
  if (metadata.has('general.file_type') || parts.fileTypeWhere === 'always') metadata.set('general.file_type', fileType)
  return withoutEmpty(metadata)
}

/** Metadata of a GGUF that was one before: everything is kept but what quantizing changes (llama-quant.cpp). */
export function copiedMetadata(
  metadata: ReadonlyMap<string, MetadataValue>,
  fileType: number,
  overrides: MetadataEntries,
): ReadonlyMap<string, MetadataValue> {
  const copy = new Map(metadata)
  for (const key of ['split.no', 'split.count', 'split.tensors.count']) copy.delete(key)
  copy.set('general.quantization_version', { type: 'UINT32', value: QUANTIZATION_VERSION })
  copy.set('general.file_type', { type: 'UINT32', value: fileType })
  for (const [key, value] of overrides) copy.set(key, value)
  return copy
}

/** gguf-py's writer skips empty strings and empty arrays. */
function withoutEmpty(metadata: ReadonlyMap<string, MetadataValue>): ReadonlyMap<string, MetadataValue> {
  return new Map(
    [...metadata].filter(
      ([, value]) => !((value.type === 'STRING' && value.value === '') || (value.type === 'ARRAY' && value.value.length === 0)),
    ),
  )
}
