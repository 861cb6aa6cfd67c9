// The plain codec: what a conversion does with it, and every refusal.
import { FsError } from '@fs/core'
import { expect, test } from 'vitest'
import { fixtureBytes, importance, ROW_LENGTH, rows } from './fixtures.test-support.ts'
import { plainRowCodec } from './plain-row-codec.ts'
import type { EncodeJob } from './row-codec.ts'

const rowCount = rows.length / ROW_LENGTH
const rowBytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength)

function encode(bytes: Uint8Array, job: EncodeJob): Uint8Array {
  const codec = plainRowCodec()
  codec.input(bytes.length).set(bytes)
  const encoded = codec.encode(job).slice()
  codec.dispose()
  return encoded
}

function thrown(action: () => unknown): FsError {
  try {
    action()
  } catch (error) {
    if (FsError.is(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('encodes rows the caller has read into its memory', () => {
  const job = { from: 'F32', to: 'Q4_0', rows: rowCount, rowLength: ROW_LENGTH } as const
  expect(encode(rowBytes, job)).toEqual(fixtureBytes('q4_0.bin'))
  expect(encode(rowBytes, { ...job, importance })).toEqual(fixtureBytes('q4_0_imatrix.bin'))
})

test('takes its source in any type, through float32', () => {
  const halves = fixtureBytes('f16.bin')
  const decoded = encode(halves, { from: 'F16', to: 'F32', rows: rowCount, rowLength: ROW_LENGTH })
  expect(decoded).toEqual(fixtureBytes('f16.deq.f32'))
  const direct = encode(halves, { from: 'F16', to: 'Q8_0', rows: rowCount, rowLength: ROW_LENGTH })
  expect(direct).toEqual(encode(decoded, { from: 'F32', to: 'Q8_0', rows: rowCount, rowLength: ROW_LENGTH }))
})

test('cuts long bands into pieces without a seam', () => {
  const repeats = 20 // 143 360 numbers: more than two pieces
  const long = new Uint8Array(repeats * rowBytes.length)
  for (let repeat = 0; repeat < repeats; repeat++) long.set(rowBytes, repeat * rowBytes.length)
  const job = { from: 'F32', to: 'Q6_K', rows: repeats * rowCount, rowLength: ROW_LENGTH } as const
  for (const [extra, fixture] of [
    [{}, 'q6_k.bin'],
    [{ importance }, 'q6_k_imatrix.bin'],
  ] as const) {
    const encoded = encode(long, { ...job, ...extra })
    const expected = fixtureBytes(fixture)
    for (let repeat = 0; repeat < repeats; repeat++) {
      expect(encoded.slice(repeat * expected.length, (repeat + 1) * expected.length)).toEqual(expected)
    }
  }
})

test('passes bytes through when nothing changes, whatever they hold', () => {
  const bytes = new Uint8Array([0, 0, 192, 127, 0, 0, 128, 127])
  expect(encode(bytes, { from: 'F32', to: 'F32', rows: 1, rowLength: 2 })).toEqual(bytes)
  const integers = new Uint8Array(new BigInt64Array([5n, -6n]).buffer)
  expect(encode(integers, { from: 'I64', to: 'I64', rows: 1, rowLength: 2 })).toEqual(integers)
})

test('reads big-endian numbers and blocks', () => {
  expect(encode(new Uint8Array([0x3f, 0x80, 0, 0]), { from: 'F32', to: 'F32', rows: 1, rowLength: 1, bigEndian: true })).toEqual(
    new Uint8Array(new Float32Array([1]).buffer),
  )
  const block = fixtureBytes('q8_0.bin').slice(0, 34)
  const swapped = block.slice()
  swapped.set([block[1]!, block[0]!])
  expect(encode(swapped, { from: 'Q8_0', to: 'Q8_0', rows: 1, rowLength: 32, bigEndian: true })).toEqual(block)
})

test('decodes', () => {
  const codec = plainRowCodec()
  codec.input(4).set([0x00, 0x3c, 0x00, 0xc0])
  expect([...codec.decode({ from: 'F16', rows: 2, rowLength: 1 })]).toEqual([1, -2])
})

test('an error about a weight names tensor, row and column', () => {
  const values = new Float32Array(3 * 64)
  values[2 * 64 + 40] = Number.NaN
  const job = { from: 'F32', to: 'Q4_0', rows: 3, rowLength: 64 } as const
  const bytes = new Uint8Array(values.buffer)
  const error = thrown(() => encode(bytes, { ...job, origin: { tensor: 'blk.0.ffn_up.weight', firstRow: 100 } }))
  expect(error.code).toBe('quant/not-finite')
  expect(error.message).toContain("row 102, column 40 of tensor 'blk.0.ffn_up.weight'")
  expect(error.details).toMatchObject({ tensor: 'blk.0.ffn_up.weight', row: 102, column: 40, index: 102 * 64 + 40 })
  expect(thrown(() => encode(bytes, job)).details).toMatchObject({ row: 2, column: 40 })

  const large = new Uint8Array(new Float32Array([1, 1e6]).buffer)
  const overflow = thrown(() => encode(large, { from: 'F32', to: 'F16', rows: 1, rowLength: 2, origin: { tensor: 't', firstRow: 0 } }))
  expect(overflow).toMatchObject({ code: 'quant/overflow', details: { tensor: 't', row: 0, column: 1, value: 1e6 } })
})

test.each([
  ['quant/row-length', { from: 'F32', to: 'Q4_0', rows: 1, rowLength: 33 }, 132],
  ['quant/buffer-length', { from: 'F32', to: 'Q4_0', rows: 2, rowLength: 32 }, 128],
  ['quant/not-encodable', { from: 'F32', to: 'Q8_K', rows: 1, rowLength: 256 }, 1024],
  ['quant/not-encodable', { from: 'F32', to: 'I32', rows: 1, rowLength: 1 }, 4],
  ['quant/importance-length', { from: 'F32', to: 'Q4_0', rows: 1, rowLength: 32, importance: new Float32Array(64) }, 128],
] as const)('refuses with %s', (code, job, byteLength) => {
  expect(thrown(() => encode(new Uint8Array(byteLength), job)).code).toBe(code)
})

test('refuses to work after dispose', () => {
  const codec = plainRowCodec()
  codec.dispose()
  expect(thrown(() => codec.input(1)).code).toBe('quant/disposed')
  expect(thrown(() => codec.decode({ from: 'F32', rows: 0, rowLength: 0 })).code).toBe('quant/disposed')
})
