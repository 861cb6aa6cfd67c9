// Every block type that is taken apart gives back exactly the weights it stores.
import { FsError, GGML_TYPES, type GgmlType } from '@fs/core'
import { BLOCK_TYPES, type BlockTypeName } from '@fs/quant/block-types'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wholeTensor } from '../graph-tensor.ts'
import type { WeightReader } from '../weight-reader.ts'
import { blockArrays, emptyArrays, splitByLevels } from './block-arrays.ts'
import { blockFormatOf, isSplitType, ZERO_POINTS } from './block-formats.ts'
import { FAST_SPLITTERS } from './fast-splitters.ts'

const ROW = 512
const SPLIT = (Object.keys(BLOCK_TYPES) as BlockTypeName[]).filter((type) => blockFormatOf(type) !== null)

const reader = (type: GgmlType, bytes: Uint8Array): WeightReader => ({ typeOf: () => type, read: async () => ({ type, bytes }) })

/** Any bytes at all, but for scales that are not finite: ggml's encoders never write those. */
function storedRow(type: BlockTypeName): fc.Arbitrary<Uint8Array> {
  const { blockBytes, blockSize } = GGML_TYPES[type]
  const { halves } = BLOCK_TYPES[type]
  const length = (ROW / blockSize) * blockBytes
  return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
    for (let at = 0; at < length; at += blockBytes) {
      for (const offset of halves) bytes[at + offset + 1]! &= 0xbb
      if (type === 'MXFP4') bytes[at] = 64 + (bytes[at]! & 127)
    }
    return bytes
  })
}

describe.each(SPLIT)('%s', (type) => {
  const format = blockFormatOf(type)!

  test('integers, scales and addends are the stored weights', async () => {
    await fc.assert(
      fc.asyncProperty(storedRow(type), async (bytes) => {
        const expected = new Float32Array(ROW)
        BLOCK_TYPES[type].dequantize(bytes, expected)
        const { integers, scales, addends } = await blockArrays([wholeTensor('w', 1)], format, ROW, reader(type, bytes))
        for (let index = 0; index < ROW; index++) {
          // A scale that is not finite where no half says so.
          if (!Number.isFinite(expected[index])) continue
          const integer = format.bits === 8 ? integers[index]! : (integers[index >> 1]! >> (4 * (index & 1))) & 15
          const block = Math.floor(index / format.blockSize)
          const product = scales[block]! * (integer - ZERO_POINTS[format.bits])
          const addend = format.minimums ? addends[block]! : 0
          // Shifting a minimum by half the range of levels rounds it once more.
          const rounding = format.minimums ? 2 ** -22 * (Math.abs(product) + Math.abs(addend)) : 0
          expect(Math.abs(product + addend - expected[index]!)).toBeLessThanOrEqual(rounding + 2 ** -23 * Math.abs(expected[index]!))
        }
      }),
      { numRuns: 20 },
    )
  })
})

test('every block type has a format; plain numbers have none', () => {
  for (const type of ['F32', 'F16', 'BF16', 'I8', 'I32'] as const) expect(blockFormatOf(type)).toBeNull()
  const without = (Object.keys(BLOCK_TYPES) as BlockTypeName[]).filter((type) => blockFormatOf(type) === null)
  expect(without).toEqual(['F32', 'F16', 'BF16'])
})

test.each(Object.keys(FAST_SPLITTERS) as BlockTypeName[])(
  'the shortcut for %s gives what the general way gives, byte for byte',
  async (type) => {
    if (!isSplitType(type)) throw new Error(`${type} is not split`)
    const format = blockFormatOf(type)!
    await fc.assert(
      fc.asyncProperty(storedRow(type), async (bytes) => {
        const general = emptyArrays([wholeTensor('w', 1)], format, ROW)
        splitByLevels(type, bytes, general, format, 0, 0)
        expect(await blockArrays([wholeTensor('w', 1)], format, ROW, reader(type, bytes))).toEqual(general)
      }),
    )
  },
)

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
