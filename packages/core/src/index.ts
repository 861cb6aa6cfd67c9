// Everything in `@fs/core`: it is small enough for one entry.

export type { ByteLocation, ByteSource } from './byte-source.ts'
export type { Checkpoint, Folder, Json, JsonObject, MetadataArray, MetadataValue } from './checkpoint.ts'
export { DTYPES, type Dtype, isDtype } from './dtypes.ts'
export { type ErrorDetails, type ErrorTable, errorFactory, FsError } from './errors.ts'
export { GGML_TYPES, type GgmlType, type GgmlTypeInfo, ggmlRowBytes, ggmlTypeById, isGgmlType } from './ggml-types.ts'
export type { LanguageModel, Sequence, SequenceInput } from './language-model.ts'
export { unsafePathReason } from './relative-path.ts'
export type { Segment } from './segment.ts'
export { elementCount, type TensorInfo, type TensorSource, type TensorType } from './tensor-source.ts'
