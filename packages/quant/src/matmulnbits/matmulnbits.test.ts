// Repacking keeps every stored weight, for every type, of any bytes; and the shortcuts do what the general way does.
import { FsError, GGML_TYPES } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_TYPES, type BlockTypeName } from '../block-types.ts'
import { isRepackable, matMulNBitsFormat, middleLevel, ZERO_POINTS } from './formats.ts'
import { emptyArrays, repackByLevels, repackRows } from './repack.ts'
import { REPACKING_SHORTCUTS } from './shortcuts.ts'

const ROW = 512
const REPACKABLE = (Object.keys(BLOCK_TYPES) as BlockTypeName[]).filter(isRepackable)

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

test('every block type has a format; plain numbers have none', () => {
  for (const type of ['F32', 'F16', 'BF16', 'I8', 'I32'] as const) expect(matMulNBitsFormat(type)).toBeNull()
  expect((Object.keys(BLOCK_TYPES) as BlockTypeName[]).filter((type) => matMulNBitsFormat(type) === null)).toEqual(['F32', 'F16', 'BF16'])
})

describe.each(REPACKABLE)('%s', (type) => {
  const format = matMulNBitsFormat(type)!

  test('integers, scales and addends are the stored weights', () => {
    fc.assert(
      fc.property(storedRow(type), (bytes) => {
        const expected = new Float32Array(ROW)
        BLOCK_TYPES[type].dequantize(bytes, expected)
        const { integers, scales, addends } = repackRows(type, bytes)
        for (let index = 0; index < ROW; index++) {
          // A scale that is not finite where no half says so.
          if (!Number.isFinite(expected[index])) continue
          const integer = format.bits === 8 ? integers[index]! : (integers[index >> 1]! >> (4 * (index & 1))) & 15
          const block = Math.floor(index / format.blockSize)
          const product = scales[block]! * (integer - ZERO_POINTS[format.bits])
          const addend = format.minimums ? addends[block]! : 0
          // Moving a minimum by the middle of the levels rounds it once more.
          const rounding = middleLevel(type) === 0 ? 0 : 2 ** -22 * (Math.abs(product) + Math.abs(addend))
          expect(Math.abs(product + addend - expected[index]!)).toBeLessThanOrEqual(rounding + 2 ** -23 * Math.abs(expected[index]!))
        }
      }),
      { numRuns: 20 },
    )
  })

  test('the arrays have the lengths the operator asks for', () => {
    const { integers, scales, addends } = repackRows(type, new Uint8Array((ROW / GGML_TYPES[type].blockSize) * GGML_TYPES[type].blockBytes))
    expect(integers).toHaveLength((ROW * format.bits) / 8)
    expect(scales).toHaveLength(ROW / format.blockSize)
    expect(addends).toHaveLength(format.minimums ? ROW / format.blockSize : 0)
  })
})

test.each((Object.keys(REPACKING_SHORTCUTS) as BlockTypeName[]).filter(isRepackable))(
  'the shortcut for %s gives what the general way gives, byte for byte',
  (type) => {
    const format = matMulNBitsFormat(type)!
    fc.assert(
      fc.property(storedRow(type), (bytes) => {
        const general = emptyArrays(ROW, format)
        repackByLevels(type, bytes, general, format, 0, 0)
        expect(repackRows(type, bytes)).toEqual(general)
      }),
    )
  },
)

test('the first of two levels is in the low nibble', () => {
  const block = new Uint8Array(18)
  block.set([0x00, 0x3c, 0x91, 0x04]) // scale 1; numbers 0 and 16 have the levels 1 and 9, numbers 1 and 17 have 4 and 0
  const { integers, scales } = repackRows('Q4_0', block)
  expect([integers[0], integers[8], scales[0]]).toEqual([0x41, 0x09, 1])
})

test.each([
  ['quant/not-repackable', () => repackRows('F16', new Uint8Array(64))],
  ['quant/buffer-length', () => repackRows('Q4_0', new Uint8Array(19))],
] as const)('refuses with %s', (code, action) => {
  let thrown: unknown
  try {
    action()
  } catch (error) {
    thrown = error
  }
  expect(FsError.is(thrown) && thrown.code).toBe(code)
})
