// Repacking loses nothing: for every type, of ggml's own blocks and of any bytes, the unpacked numbers are the decoded ones, bit for bit.
import { FsError } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_TYPES, type BlockTypeName } from '../block-types.ts'
import { fixtureBytes, ROW_LENGTH } from '../fixtures.test-support.ts'
import { isRepackable, MATMULNBITS_LAYOUTS, repackForMatMulNBits, unpackMatMulNBits } from './index.ts'

const repackable = (Object.keys(BLOCK_TYPES) as BlockTypeName[]).filter(isRepackable)

test('every block type has a layout; plain floats have none', () => {
  expect(Object.keys(BLOCK_TYPES).filter((name) => !repackable.includes(name as never))).toEqual(['F32', 'F16', 'BF16'])
  expect(repackable).toHaveLength(Object.keys(MATMULNBITS_LAYOUTS).length)
})

describe.each(repackable)('%s', (name) => {
  const type = BLOCK_TYPES[name]

  function expectNothingLost(source: Uint8Array, rows: number): void {
    const rowLength = ((source.length / type.blockBytes) * type.blockSize) / rows
    const decoded = new Float32Array(rows * rowLength)
    type.dequantize(source, decoded)
    const unpacked = unpackMatMulNBits(repackForMatMulNBits(name, source, rows, rowLength))
    for (let i = 0; i < decoded.length; i++) if (!Object.is(unpacked[i], decoded[i])) expect([i, unpacked[i]]).toEqual([i, decoded[i]])
  }

  test('keeps the numbers of ggml’s own blocks', () => {
    const stem = name.toLowerCase()
    const bytes = fixtureBytes(/^iq[12]/.test(stem) ? `${stem}_imatrix.bin` : `${stem}.bin`)
    expectNothingLost(bytes, ((bytes.length / type.blockBytes) * type.blockSize) / ROW_LENGTH)
  })

  test('keeps the numbers of any bytes', () => {
    const bytes = fc.uint8Array({ minLength: 3 * type.blockBytes, maxLength: 3 * type.blockBytes })
    fc.assert(
      fc.property(bytes, (source) => expectNothingLost(source, 3)),
      { numRuns: 50 },
    )
  })

  test('has the shapes the operator asks for', () => {
    const rowLength = 3 * type.blockSize
    const { bits, blockSize, data, scales, zeroPoints, minimums } = repackForMatMulNBits(
      name,
      new Uint8Array(6 * type.blockBytes),
      2,
      rowLength,
    )
    const blocks = rowLength / blockSize
    expect(data).toHaveLength(2 * blocks * ((blockSize * bits) / 8))
    expect(scales).toHaveLength(2 * blocks)
    if (zeroPoints !== undefined) expect(zeroPoints).toHaveLength(2 * Math.ceil((blocks * bits) / 8))
    expect(minimums === undefined).toBe(!type.hasMinimums)
    if (minimums !== undefined) expect(minimums).toHaveLength(2 * blocks)
  })
})

test('packs the first level into the lowest bits, and each row’s zero points into bytes of their own', () => {
  const q4 = new Uint8Array(18)
  q4.set([0x00, 0x3c, 0x91]) // scale 1, levels 0 and 16 of the block: 1 - 8 and 9 - 8
  const packed = repackForMatMulNBits('Q4_0', q4, 1, 32)
  expect(packed.data[0]! & 15).toBe(1)
  expect(packed.data[8]! & 15).toBe(9)
  expect(packed.zeroPoints).toBeUndefined()

  const q2 = repackForMatMulNBits('Q2_0', new Uint8Array(2 * 5 * 18), 2, 5 * 64)
  expect([...q2.zeroPoints!]).toEqual([0b01010101, 0b01, 0b01010101, 0b01])
})

test.each([
  ['quant/not-repackable', () => repackForMatMulNBits('F16', new Uint8Array(64), 1, 32)],
  ['quant/buffer-length', () => repackForMatMulNBits('Q4_0', new Uint8Array(19), 1, 32)],
  ['quant/row-length', () => repackForMatMulNBits('Q4_0', new Uint8Array(18), 1, 31)],
] as const)('refuses with %s', (code, action) => {
  let thrown: unknown
  try {
    action()
  } catch (error) {
    thrown = error
  }
  expect(FsError.is(thrown) && thrown.code).toBe(code)
})
