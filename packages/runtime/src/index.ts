// Public names of `@fs/runtime`: works in browsers and Node; the backends are in `/node` and `/web`.

export type { Backend, WeightData } from './backend.ts'
export {
  type ActivationModel,
  HEAD_INPUT,
  type OpenActivationsOptions,
  openLayerInputs,
  openSquaredInputs,
  type SquaredSums,
} from './embedding/activations.ts'
export { decoderAsEncoder } from './embedding/decoder-as-encoder.ts'
export { type OpenEmbeddingModelOptions, openEmbeddingModel } from './embedding/embedding-model.ts'
export type { EmbeddingModel } from './embedding/embedding-session.ts'
export { type OpenExportedEncoderOptions, openExportedEncoder } from './embedding/open-exported-encoder.ts'
export { RUNTIME_ERRORS } from './errors.ts'
export { type OpenExportedModelOptions, openExportedModel } from './language-model/open-exported-model.ts'
export { type OpenLanguageModelOptions, openLanguageModel } from './language-model/open-language-model.ts'
export type { Arithmetic } from './weight-format.ts'
