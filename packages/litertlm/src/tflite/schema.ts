// Numbers of the TFLite schema that a decoder needs: tensor types, operators, and the table slots both the writer and the reader use.
// Source: google-ai-edge/LiteRT tflite/converter/schema/schema.fbs. It holds no code that reads or writes.

/** `TensorType`. Bits, since int4 packs two numbers in a byte, the first in the low half. */
export const TENSOR_TYPES = {
  float32: { code: 0, bits: 32 },
  float16: { code: 1, bits: 16 },
  int32: { code: 2, bits: 32 },
  bool: { code: 6, bits: 8 },
  int8: { code: 9, bits: 8 },
  int4: { code: 17, bits: 4 },
} as const satisfies Record<string, { readonly code: number; readonly bits: number }>

export type TensorType = keyof typeof TENSOR_TYPES

/** `BuiltinOperator`, and the operator's place in the union `BuiltinOptions` (0: it has no options). */
export const OPERATORS = {
  add: { code: 0, options: 11 },
  concatenation: { code: 2, options: 10 },
  dequantize: { code: 6, options: 38 },
  embeddingLookup: { code: 7, options: 0 },
  fullyConnected: { code: 9, options: 8 },
  logistic: { code: 14, options: 0 },
  mul: { code: 18, options: 21 },
  relu: { code: 19, options: 0 },
  reshape: { code: 22, options: 17 },
  softmax: { code: 25, options: 9 },
  transpose: { code: 39, options: 26 },
  mean: { code: 40, options: 27 },
  sub: { code: 41, options: 28 },
  cast: { code: 53, options: 37 },
  less: { code: 58, options: 41 },
  slice: { code: 65, options: 48 },
  sin: { code: 66, options: 0 },
  rsqrt: { code: 76, options: 0 },
  cos: { code: 108, options: 84 },
  selectV2: { code: 123, options: 98 },
  batchMatmul: { code: 126, options: 101 },
  gelu: { code: 150, options: 116 },
  dynamicUpdateSlice: { code: 151, options: 117 },
  /** Its options lie in the second union, `BuiltinOptions2`, at 21. */
  composite: { code: 206, options: 0 },
} as const satisfies Record<string, { readonly code: number; readonly options: number }>

export type OperatorName = keyof typeof OPERATORS

/** Place of `StableHLOCompositeOptions` in the union `BuiltinOptions2`. */
export const COMPOSITE_OPTIONS = 21

/** Place of `BlockwiseQuantization` in the union `QuantizationDetails`. */
export const BLOCKWISE_DETAILS = 2

export const FILE_IDENTIFIER = 'TFL3'
export const SCHEMA_VERSION = 3

/** Where the runtime's own weight sections begin; XNNPACK reads weights in vectors of this length. */
export const WEIGHT_ALIGNMENT = 64

/** Slots of each table's fields, in the schema's order. A deprecated field keeps its slot. */
export const SLOTS = {
  model: { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4, signatures: 7 },
  operatorCode: { deprecatedCode: 0, version: 2, code: 3 },
  subgraph: { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 },
  tensor: { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, hasRank: 8 },
  quantization: { scales: 2, zeroPoints: 3, detailsType: 4, details: 5, dimension: 6 },
  blockwise: { scales: 0, zeroPoints: 1, blockSize: 2 },
  buffer: { data: 0, offset: 1, size: 2 },
  operator: { code: 0, inputs: 1, outputs: 2, optionsType: 3, options: 4, options2Type: 11, options2: 12 },
  composite: { name: 0, subgraph: 1, attributes: 2 },
  signature: { inputs: 0, outputs: 1, key: 2, subgraph: 4 },
  tensorMap: { name: 0, tensor: 1 },
} as const
