// Parts of a blocked weight come together; that no stored value changes is tested in `@fs/quant/matmulnbits`.
import { FsError, GGML_TYPES, type GgmlType } from '@fs/core'
import { repackRows } from '@fs/quant/matmulnbits'
import { expect, test } from 'vitest'
import { wholeTensor } from '../graph-tensor.ts'
import type { WeightReader } from '../weight-reader.ts'
import { blockArrays } from './block-arrays.ts'
import { blockFormatOf } from './block-formats.ts'

const ROW = 512

const reader = (type: GgmlType, bytes: Uint8Array): WeightReader => ({ typeOf: () => type, read: async () => ({ type, bytes }) })

test('two parts lie one under the other', async () => {
  const { blockBytes, blockSize } = GGML_TYPES.Q4_K
  const bytes = Uint8Array.from({ length: (ROW / blockSize) * blockBytes }, (_, index) => (index * 7) & 0x3b)
  const joined = await blockArrays([wholeTensor('a', 1), wholeTensor('b', 1)], blockFormatOf('Q4_K')!, ROW, reader('Q4_K', bytes))
  const twice = repackRows('Q4_K', Uint8Array.from([...bytes, ...bytes]))
  expect(joined).toEqual(twice)
})

test('a weight of another type than the graph was made for is refused', async () => {
  const bytes = new Uint8Array((ROW / 32) * 34)
  const attempt = blockArrays([wholeTensor('layers.0.w', 1)], blockFormatOf('Q4_0')!, ROW, reader('Q8_0', bytes))
  await expect(attempt).rejects.toSatisfy(
    (error) => FsError.is(error) && error.code === 'onnx/weight-type' && /layers\.0\.w/.test(error.message),
  )
})

test('a weight that is too short is refused', async () => {
  const attempt = blockArrays([wholeTensor('w', 2)], blockFormatOf('Q8_0')!, ROW, reader('Q8_0', new Uint8Array((ROW / 32) * 34)))
  await expect(attempt).rejects.toSatisfy((error) => FsError.is(error) && error.code === 'onnx/weight-shape')
})
