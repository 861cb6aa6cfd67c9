// Numbers that need care on their way into a buffer.
import { halfToFloat } from '@fs/quant/floats'
import { quantizeRowsInt8 } from '@fs/quant/litert'
import { expect, test } from 'vitest'
import { encodeRows } from './encode-rows.ts'

const origin = { tensor: 'output.weight', firstRow: 7 }

test('a block of zeros has a scale above zero, which XNNPACK insists on, and is still zero', () => {
  const values = new Float32Array(64)
  values.fill(0.7, 32)
  const { data, scales } = encodeRows({ kind: 'int4-blocks', blockSize: 32, scalesOffset: 0 }, values, 64, quantizeRowsInt8, origin)
  const [empty, full] = new Uint16Array(scales!.buffer)
  expect(halfToFloat(empty!)).toBe(2 ** -24)
  expect(halfToFloat(full!)).toBeCloseTo(0.1, 3)
  expect([...data.subarray(0, 16)]).toEqual(new Array(16).fill(0))
  expect([...data.subarray(16)]).toEqual(new Array(16).fill(0x77))
})

test('a number past half precision is refused by name and row', () => {
  const values = Float32Array.of(1, 2, 65519, 65520)
  expect(new Uint16Array(encodeRows({ kind: 'float16' }, values.subarray(0, 3), 1, quantizeRowsInt8, origin).data.buffer)[2]).toBe(0x7bff)
  expect(() => encodeRows({ kind: 'float16' }, values, 2, quantizeRowsInt8, origin)).toThrow(
    /^output\.weight has the number 65520 in row 8, which is no half/,
  )
})
