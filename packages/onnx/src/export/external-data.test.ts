// Layout of external data: every byte has one place, aligned, in files below the limit.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type GraphTensor, graphTensorBytes } from '../weights/graph-tensor.ts'
import { layoutExternalData } from './external-data.ts'

const tensor = (name: string, numbers: number, data = name): GraphTensor => ({
  name,
  data,
  type: 'float32',
  shape: [numbers],
  recipe: { kind: 'rows', parts: [], add: 0 },
})

test('tensors follow one another; the next file starts where one would grow too large', () => {
  const { places, files } = layoutExternalData(
    [tensor('a', 10), tensor('b', 16), tensor('c', 200), tensor('b again', 16, 'b')],
    'model.onnx',
    900,
  )
  expect([...places]).toEqual([
    ['a', { location: 'model.onnx_data', offset: 0 }],
    ['b', { location: 'model.onnx_data', offset: 64 }],
    ['c', { location: 'model.onnx_data_1', offset: 0 }],
  ])
  expect(files).toEqual([
    { name: 'model.onnx_data', size: 128 },
    { name: 'model.onnx_data_1', size: 800 },
  ])
})

test('nothing overlaps, large tensors start on pages, and only a tensor larger than the limit exceeds it', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1000, max: 400_000 }), (numbers, limit) => {
      const tensors = numbers.map((count, index) => tensor(String(index), count))
      const { places, files } = layoutExternalData(tensors, 'm', limit)
      const ends = new Map(files.map(({ name }) => [name, 0]))
      for (const each of tensors) {
        const { location, offset } = places.get(each.data)!
        const bytes = graphTensorBytes(each)
        expect(offset).toBeGreaterThanOrEqual(ends.get(location)!)
        expect(offset % (bytes >= 65536 ? 65536 : 64)).toBe(0)
        ends.set(location, offset + bytes)
        expect(offset === 0 || offset + bytes <= limit).toBe(true)
      }
      expect(files.map(({ name, size }) => [name, size])).toEqual([...ends])
    }),
  )
})
