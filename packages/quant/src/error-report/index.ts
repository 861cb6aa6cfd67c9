// `@fs/quant/error-report`: what quantizing did to a tensor, in numbers.

export type { Histogram } from './histogram.ts'
export { type ModelError, modelError, type QuantizedTensor } from './model-error.ts'
export { type TensorError, type TensorErrorMeter, tensorErrorMeter } from './tensor-error.ts'
