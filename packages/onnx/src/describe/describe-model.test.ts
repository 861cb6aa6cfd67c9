// A model is described as it was written; what is no model, or lacks its data, is said.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { int } from '../graph/attributes.ts'
import { createGraphBuilder } from '../graph/graph-builder.ts'
import { serializeGraph } from '../graph/serialize.ts'
import { describeModel } from './describe-model.ts'
import { externalDataProblems } from './external-problems.ts'

function model(location = 'model.onnx_data'): Uint8Array {
  const builder = createGraphBuilder()
  const input = builder.input({ name: 'input', type: 'float16', shape: ['batch', 4] })
  const weight = builder.initializer({ name: 'w', type: 'float16', shape: [4, 8], recipe: { kind: 'columns', parts: [] } })
  const product = builder.node('linear', 'MatMul', [input, weight])
  builder.output({ name: 'output', type: 'float16', shape: ['batch', 8] }, builder.node('linear', 'Softmax', [product], { axis: int(-1) }))
  return serializeGraph(builder.graph(), 'model', () => ({ location, offset: 64 }))
}

test('operator sets, inputs, outputs, operators and weights', () => {
  expect(describeModel(model(), 'model.onnx')).toEqual({
    producer: 'fartsovka',
    irVersion: 10,
    opsets: [
      { domain: 'ai.onnx', version: 21 },
      { domain: 'com.microsoft', version: 1 },
    ],
    inputs: [{ name: 'input', type: 'float16', shape: ['batch', 4] }],
    outputs: [{ name: 'output', type: 'float16', shape: ['batch', 8] }],
    operators: [
      { operator: 'MatMul', count: 1 },
      { operator: 'Softmax', count: 1 },
    ],
    weights: [{ name: 'w', type: 'float16', shape: [4, 8], bytes: 64, location: 'model.onnx_data', offset: 64, length: 64 }],
  })
})

describe('data beside the model', () => {
  const problems = (bytes: Uint8Array, files: { readonly [name: string]: number }) =>
    externalDataProblems(describeModel(bytes, 'model.onnx'), (name) => files[name]).map((problem) => {
      expect(problem).toMatchObject({ code: 'onnx/external-data', details: { tensor: 'w' } })
      return problem.message
    })

  test('that is all there is no problem', () => {
    expect(problems(model(), { 'model.onnx_data': 128 })).toEqual([])
  })

  test.each([
    ['missing', 'model.onnx_data', {}, /no such file/],
    ['cut short', 'model.onnx_data', { 'model.onnx_data': 100 }, /ends at byte 128 of model\.onnx_data, which has 100/],
    ['outside the folder', '../secret', { '../secret': 999 }, /outside the model's folder/],
    ['at the root', '/etc/passwd', { '/etc/passwd': 999 }, /outside the model's folder/],
  ])('%s', (_what, location, files, message) => {
    expect(problems(model(location), files)).toEqual([expect.stringMatching(message)])
  })
})

test('bytes that are no model are refused, whatever they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => describeModel(bytes, 'x.onnx')).toThrow(expect.objectContaining({ code: 'onnx/damaged' }))
    }),
  )
})

test('a model that is cut or changed anywhere is described or refused, never anything else', () => {
  const whole = model()
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
      const damaged = cut ? whole.slice(0, at) : whole.with(at, byte)
      try {
        describeModel(damaged, 'x.onnx')
      } catch (error) {
        expect(error).toMatchObject({ code: 'onnx/damaged' })
      }
    }),
  )
})
