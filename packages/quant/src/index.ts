// The root of `@fs/quant`: the codec a conversion uses and the words for what it works on.
// Single types are under `@fs/quant/types/*`, the table of all under `@fs/quant/block-types`, plain numbers under `@fs/quant/floats`.

export type { BlockType, ImportanceUse } from './block-type.ts'
export { plainRowCodec } from './plain-row-codec.ts'
export type { DecodeJob, EncodeJob, RowCodec } from './row-codec.ts'
