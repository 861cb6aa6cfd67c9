// Public names of `@fs/litertlm/metadata`: what a bundle says of its model besides the graph.

export {
  type Affixes,
  type Channel,
  type LlmMetadata,
  type MetadataToken,
  MODEL_TYPES,
  type ModelType,
  type PromptTemplates,
  SAMPLER_TYPES,
  type SamplerParameters,
  type SamplerType,
} from './metadata.ts'
export { MOST_METADATA_BYTES, readMetadata } from './read.ts'
export { writeMetadata } from './write.ts'
