// What becomes of a cache that is cut back: sliced where we can reach it, dropped where it lies on a device.
import type { Tensor } from 'onnxruntime-common'
import { Tensor as NodeTensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { returnedStore } from './returned-store.ts'

const tensors = [{ past: 'past', output: { name: 'present', holds: 'whole' }, heads: 2, dimension: 2, type: 'float32' }] as const

/** Three tokens of two heads; numbers are head, token, dimension. */
const numbers = Float32Array.of(0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121)

function filled(tensor: Tensor) {
  const store = returnedStore(tensors, NodeTensor)
  const row = store.open()
  store.prepare([row], 3)
  store.accept([{ row, cached: 0 }], 3, { present: tensor })
  return { store, row, past: () => store.prepare([row], 1).feeds.past! }
}

describe('cutting a row', () => {
  test('in our memory keeps the first tokens of each head', () => {
    const { store, row, past } = filled(new NodeTensor('float32', numbers, [1, 2, 3, 2]))
    expect(store.cut(row, 5)).toBe(3)
    expect(store.cut(row, 2)).toBe(2)
    expect(past().dims).toEqual([1, 2, 2, 2])
    expect([...(past().data as Float32Array)]).toEqual([0, 1, 10, 11, 100, 101, 110, 111])
  })

  test('on a device drops it all, once and for all', () => {
    const onDevice = { location: 'gpu-buffer', dims: [1, 2, 3, 2], dispose: () => {} } as unknown as Tensor
    const { store, row, past } = filled(onDevice)
    expect(store.cut(row, 3)).toBe(3)
    expect(store.cut(row, 2)).toBe(0)
    expect(store.cut(row, 2)).toBe(0)
    expect(past().dims).toEqual([1, 2, 0, 2])
  })
})
