// Names of files as transformers.js looks for them.
import { expect, test } from 'vitest'
import { transformersJsConfig, transformersJsDtype, transformersJsFile } from './transformers-js.ts'

test.each([
  ['float', 'float32', 'fp32', 'model.onnx'],
  ['float', 'float16', 'fp16', 'model_fp16.onnx'],
  [8, 'float32', 'q8', 'model_quantized.onnx'],
  [4, 'float32', 'q4', 'model_q4.onnx'],
  [4, 'float16', 'q4f16', 'model_q4f16.onnx'],
] as const)('%s weights and %s activations are %s', (weights, activations, dtype, file) => {
  expect(transformersJsDtype({ weights, activations })).toBe(dtype)
  expect(transformersJsFile(dtype)).toBe(file)
})

test('8-bit weights with halves have no name', () => {
  expect(transformersJsDtype({ weights: 8, activations: 'float16' })).toBeNull()
})

test('transformers.js is told what to load and how many files there are', () => {
  expect(transformersJsConfig('q4', new Map([['model_q4.onnx', 2]]))).toEqual({
    dtype: 'q4',
    use_external_data_format: { 'model_q4.onnx': 2 },
  })
})
