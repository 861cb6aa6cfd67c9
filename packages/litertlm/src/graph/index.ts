// Public names of `@fs/litertlm/graph`: a described decoder as a TFLite file with signatures for prefill and decode.

export { QUANTIZATIONS, type QuantizationName } from '../quantization/quantization.ts'
export { defaultPrefillLengths } from './check-options.ts'
export { planTflite } from './plan-tflite.ts'
export type { TfliteOptions, TflitePlan, WeightBuffer, WeightEncoding, WeightReader } from './tflite-plan.ts'
export { type WriteTfliteOptions, writeTflite } from './write-tflite.ts'
