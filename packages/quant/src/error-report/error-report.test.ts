// Error figures against their definitions, and for numbers that come in any pieces.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modelError, tensorErrorMeter } from './index.ts'

function measured(original: readonly number[], restored: readonly number[], blockLength = 4, pieces = original.length) {
  const meter = tensorErrorMeter(blockLength)
  for (let start = 0; start < original.length; start += pieces)
    meter.add(Float32Array.from(original.slice(start, start + pieces)), Float32Array.from(restored.slice(start, start + pieces)))
  return meter.result()
}

test('figures by hand', () => {
  const error = measured([3, 4, 0, 0, 1, 1, 1, 1], [3, 4, 0, 0, 1, 1, 1, -1])
  expect(error).toMatchObject({ elements: 8, notFinite: 0, largestError: { index: 7, original: 1, restored: -1 } })
  expect(error.rmse).toBeCloseTo(Math.sqrt(4 / 8), 12)
  expect(error.relativeError).toBeCloseTo(Math.sqrt(4 / 29), 12)
  expect(error.cosine).toBeCloseTo(27 / 29, 12)
  expect(error.worstBlock).toMatchObject({ index: 4, length: 4, rmse: 1, relativeError: 1 })
})

test('nothing lost, nothing there, and everything lost', () => {
  expect(measured([1, -2], [1, -2])).toMatchObject({ rmse: 0, relativeError: 0, cosine: 1 })
  expect(measured([0, 0], [0, 0])).toMatchObject({ rmse: 0, relativeError: 0, cosine: 1 })
  expect(measured([1, 2], [0, 0])).toMatchObject({ relativeError: 1, cosine: 0 })
  expect(measured([0, 0], [1, 0])).toMatchObject({ relativeError: 1, cosine: 0 })
  expect(measured([], [])).toMatchObject({ elements: 0, rmse: 0 })
})

test('weights that are not finite are counted, not summed', () => {
  const error = measured([1, Number.NaN, Number.POSITIVE_INFINITY, 2], [1, 0, Number.POSITIVE_INFINITY, 2])
  expect(error).toMatchObject({ elements: 2, notFinite: 2, rmse: 0, cosine: 1 })
  expect(error.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(3 - 1)
})

test('a model is the sum of its tensors', () => {
  const tensor = (name: string, original: readonly number[], restored: readonly number[], bytes: number) => ({
    name,
    shape: [original.length],
    from: 'F32' as const,
    type: 'Q4_0' as const,
    bytes,
    error: measured(original, restored),
  })
  const model = modelError([
    tensor('a', [3, 4], [3, 3], 3),
    tensor('b', [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], 5),
    tensor('c', [0], [0], 1),
  ])
  expect(model).toMatchObject({ elements: 9, bytes: 9, bitsPerWeight: 8, worst: { name: 'a' } })
  expect(model.relativeError).toBeCloseTo(Math.sqrt(1 / 31), 12)
  expect(modelError([])).toEqual({ elements: 0, bytes: 0, bitsPerWeight: 0, relativeError: 0 })
})

const float = fc.float({ noNaN: true, noDefaultInfinity: true })

describe('histograms', () => {
  test('a range of a power of two, zeros just above the middle', () => {
    const { histogram } = measured([0, 0, 0.75, -0.75, 0.1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0])
    expect(histogram.limit).toBe(1)
    expect(histogram.counts[32]).toBe(5)
    expect(histogram.counts[32 + 24]).toBe(1)
    expect(histogram.counts[32 - 24]).toBe(1)
  })

  test('the number of each bin is that of a single pass, whatever the pieces', () => {
    fc.assert(
      fc.property(fc.array(float, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (values, pieces) => {
        const { histogram } = measured(values, values, 1, pieces)
        expect(histogram).toEqual(measured(values, values, 1).histogram)
        const { limit, counts } = histogram
        expect(values.every((value) => value >= -limit && value < limit)).toBe(true)
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length)
        for (const [bin, count] of counts.entries()) {
          const [low, high] = [limit * (bin / 32 - 1), limit * ((bin + 1) / 32 - 1)]
          expect(count).toBe(values.filter((value) => value >= low && value < high).length)
        }
      }),
    )
  })
})
