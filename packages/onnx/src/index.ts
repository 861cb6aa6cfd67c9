// Public names of `@fs/onnx`: graphs of described models, and the packing of stored weights into their initializers.

export { describeModel, type ModelDescription, type ModelValue, type ModelWeight } from './describe/describe-model.ts'
export { externalDataProblems } from './describe/external-problems.ts'
export { ONNX_ERRORS } from './errors.ts'
export { type ExternalData, layoutExternalData } from './export/external-data.ts'
export { type GenaiModel, genaiConfig } from './export/genai-config.ts'
export {
  type StoredAs,
  type TransformersJsDtype,
  transformersJsConfig,
  transformersJsDtype,
  transformersJsFile,
} from './export/transformers-js.ts'
export type { ElementType, FloatType } from './graph/element-types.ts'
export type { Graph, GraphValue } from './graph/graph-builder.ts'
export { type ExternalPlace, serializeGraph } from './graph/serialize.ts'
export type { GraphOptions } from './model/building.ts'
export { cacheHeadDimension } from './model/cached-attention.ts'
export { type DecoderGraphOptions, decoderGraph } from './model/decoder-graph.ts'
export { type EncoderGraphOptions, encoderGraph } from './model/encoder-graph.ts'
export { TAP_COUNTS, TAP_INPUTS, TAP_SQUARES, type Taps } from './model/tap.ts'
export { blockFormatOf } from './weights/blocks/block-formats.ts'
export { roundedFormat } from './weights/blocks/rounded-arrays.ts'
export {
  type BlockFormat,
  type GraphTensor,
  graphTensorBytes,
  type LinearFormat,
  type Recipe,
  recipeTensors,
  type TensorPart,
} from './weights/graph-tensor.ts'
export { type PackedTensor, packTensors } from './weights/pack-tensors.ts'
export type { StoredRows, WeightReader } from './weights/weight-reader.ts'
