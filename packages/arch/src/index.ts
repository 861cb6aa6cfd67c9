// What an architecture package and its consumers need. Helpers for writing an architecture are in `@fs/arch/fields`, `/rope`, `/weights`.
export { type BoundWeight, bindWeights, formOf, type StorageForm } from './bind-weights.ts'
export { type CanonicalTensor, canonicalTensors } from './canonical-tensors.ts'
export { fullKey, type GgufView, ggufView, type HuggingFaceView, huggingFaceView, type TensorShapes } from './checkpoint-view.ts'
export {
  type Architecture,
  type ArchitectureDefinition,
  type DerivedTensor,
  type Description,
  defineArch,
  type Notice,
  type VocabularyTraits,
} from './define-arch.ts'
export { ARCH_ERRORS, archError } from './errors.ts'
export type { LeftOutPart } from './left-out.ts'
export type {
  Activation,
  AttentionSpec,
  DecoderSpec,
  EmbeddingSpec,
  EncoderSpec,
  FeedForwardSpec,
  HeadSpec,
  LayerSpec,
  ModelSpec,
  NormSpec,
  PositionSpec,
  RopeScaling,
} from './spec.ts'
export type { WeightRow } from './weights.ts'
