// The kernels against their specification: every byte and every refusal of the plain codec, on fixtures and on random rows.
import { readFileSync } from 'node:fs'
import { FsError, GGML_TYPES } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_TYPES } from '../block-types.ts'
import { fixtureBytes, importance, ROW_LENGTH, rows } from '../fixtures.test-support.ts'
import { plainRowCodec } from '../plain-row-codec.ts'
import type { DecodeJob, EncodeJob, RowCodec } from '../row-codec.ts'
import { KERNELS, type KernelType, kernelNames } from './kernels.ts'
import { compileKernels, kernelBytes } from './module.ts'
import { wasmRowCodec } from './wasm-row-codec.ts'
import { weightRows } from './weight-rows.test-support.ts'

/** `FUZZ_RUNS=5000` for a long search, as after a change of a kernel. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 150)

const ONLY_WEIGHTED_FIXTURES: ReadonlySet<string> = new Set(['IQ1_S', 'IQ1_M', 'IQ2_XXS', 'IQ2_XS', 'IQ2_S'])

const types = Object.keys(KERNELS) as KernelType[]
const plain = plainRowCodec()
const wasm = await wasmRowCodec(await compileKernels())

function run<Result>(codec: RowCodec, source: Uint8Array, work: (codec: RowCodec) => Result): Result | { code: string; message: string } {
  codec.input(source.length).set(source)
  try {
    return work(codec)
  } catch (error) {
    if (FsError.is(error)) return { code: error.code, message: error.message }
    throw error
  }
}

function bytesOf(numbers: Float32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}

/** Encodes with both codecs and expects one outcome. */
function expectSameEncoding(source: Uint8Array, job: EncodeJob): void {
  const expected = run(plain, source, (codec) => codec.encode(job).slice())
  const actual = run(wasm, source, (codec) => codec.encode(job).slice())
  expect(actual).toEqual(expected)
}

/** The same for decoding, where one NaN is as good as another: their payloads are not the same in every JavaScript engine. */
function expectSameDecoding(source: Uint8Array, job: DecodeJob): void {
  const expected = run(plain, source, (codec) => codec.decode(job).slice())
  const actual = run(wasm, source, (codec) => codec.decode(job).slice())
  expect(actual).toEqual(expected)
}

describe.each(types)('%s', (type) => {
  const { blockSize, blockBytes } = GGML_TYPES[type]
  const { encode, encodeWeighted, decode } = kernelNames(type)

  const isActivation = type === 'Q8_1' || type === 'Q8_K'
  const fixtures = {
    plain: !isActivation && !ONLY_WEIGHTED_FIXTURES.has(type),
    weighted: !isActivation && BLOCK_TYPES[type].importance !== 'ignored',
  }
  const name = type.toLowerCase()
  const fixtureJob = { rows: rows.length / ROW_LENGTH, rowLength: ROW_LENGTH } as const

  if (encode && fixtures.plain)
    test('encodes the fixture rows as ggml does', () => {
      const encoded = run(wasm, bytesOf(rows), (codec) => codec.encode({ ...fixtureJob, from: 'F32', to: type }).slice())
      expect(encoded).toEqual(fixtureBytes(`${name}.bin`))
    })

  if (encodeWeighted && fixtures.weighted)
    test('encodes the fixture rows with importance as ggml does', () => {
      const encoded = run(wasm, bytesOf(rows), (codec) => codec.encode({ ...fixtureJob, from: 'F32', to: type, importance }).slice())
      expect(encoded).toEqual(fixtureBytes(`${name}_imatrix.bin`))
    })

  if (decode && (fixtures.plain || fixtures.weighted))
    test('decodes the fixture as ggml does', () => {
      const stem = fixtures.plain ? name : `${name}_imatrix`
      const decoded = run(wasm, fixtureBytes(`${stem}.bin`), (codec) => bytesOf(codec.decode({ ...fixtureJob, from: type }).slice()))
      expect(decoded).toEqual(fixtureBytes(`${stem}.deq.f32`))
    })

  if (encode && BLOCK_TYPES[type].importance !== 'required')
    test('encodes random rows as the plain codec does', () => {
      fc.assert(
        fc.property(weightRows(blockSize), ({ numbers, rowLength }) => {
          expectSameEncoding(bytesOf(numbers), { from: 'F32', to: type, rows: numbers.length / rowLength, rowLength })
        }),
        { numRuns: RUNS },
      )
    })

  if (encodeWeighted)
    test('encodes random rows with random importance as the plain codec does', () => {
      fc.assert(
        fc.property(weightRows(blockSize), fc.gen(), ({ numbers, rowLength }, gen) => {
          const pick = gen(fc.constantFrom, 'flat', 'spread', 'sparse', 'few')
          const weight = (column: number) => {
            const hash = (Math.imul(column + 1, 2654435761) >>> 8) / 2 ** 24
            return pick === 'flat' ? 1 : pick === 'spread' ? hash ** 4 * 50 : hash < (pick === 'few' ? 0.9 : 0.5) ? 0 : hash
          }
          const weights = Float32Array.from({ length: rowLength }, (_, column) => weight(column))
          expectSameEncoding(bytesOf(numbers), { from: 'F32', to: type, rows: numbers.length / rowLength, rowLength, importance: weights })
        }),
        { numRuns: RUNS },
      )
    })

  if (decode)
    test('decodes any bytes as the plain codec does', () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 5 * blockBytes, maxLength: 5 * blockBytes }), (source) => {
          expectSameDecoding(source, { from: type, rows: 1, rowLength: 5 * blockSize })
        }),
        { numRuns: RUNS },
      )
    })
})

test('takes sources of any type', () => {
  const rowLength = 512
  for (const from of ['F16', 'BF16', 'Q8_0', 'Q6_K'] as const) {
    const source = fixtureBytes(`${from.toLowerCase()}.bin`)
    for (const to of ['F32', 'F16', 'Q4_0', 'Q6_K'] as const)
      expectSameEncoding(source, { from, to, rows: rows.length / rowLength, rowLength })
  }
  const integers = Uint8Array.from({ length: 512 }, (_, i) => i)
  expectSameEncoding(integers, { from: 'I8', to: 'Q8_0', rows: 1, rowLength })
})

/** All 65536 patterns, in order. */
const patterns = bytesOf(new Float32Array(new Uint16Array(65536).map((_, bits) => bits).buffer))

test.each(['F16', 'BF16'] as const)('decodes every %s', (from) => {
  expectSameDecoding(patterns, { from, rows: 1, rowLength: 65536 })
})

test.each(['F16', 'BF16'] as const)('rounds to %s at every number it has, just beside it, and half way to the next', (to) => {
  const finite = run(plain, patterns, (codec) => codec.decode({ from: to, rows: 1, rowLength: 65536 }).slice()) as Float32Array
  const bits = new Uint32Array(finite.buffer)
  const half = to === 'F16' ? 1 << 12 : 1 << 15
  const spread = Uint32Array.from({ length: 5 * bits.length }, (_, i) => bits[Math.floor(i / 5)]! + [-1, 0, 1, half, half + 1][i % 5]!)
  // Numbers that round to infinity are refused, and tested above.
  const numbers = new Float32Array(spread.buffer).map((value) => (Math.abs(value) < (to === 'F16' ? 65519 : 3.39e38) ? value : 0))
  expectSameEncoding(bytesOf(numbers), { from: 'F32', to, rows: 1, rowLength: numbers.length })
})

// Found by a long run of the properties above: where most weights are zero, a fit turns its numbers around or comes out negative.
test.each(['Q2_K', 'Q4_K', 'Q5_K'] as const)('encodes negative numbers under sparse importance to %s as the plain codec does', (to) => {
  for (const seed of [25, 49, 180, 197, 812]) {
    const hash = (i: number) => ((Math.imul(i * seed + seed, 2654435761) >>> 8) % 1000) / 1000
    const numbers = Float32Array.from({ length: 256 }, (_, i) => -3 - hash(i))
    const weights = Float32Array.from({ length: 256 }, (_, i) => (hash(i + 77) < 0.9 ? 0 : hash(i + 177)))
    expectSameEncoding(bytesOf(numbers), { from: 'F32', to, rows: 1, rowLength: 256, importance: weights })
  }
})

test('gives the same bytes however a tensor is cut into bands', () => {
  const row = ROW_LENGTH
  for (const to of types.filter((type) => kernelNames(type).encodeWeighted)) {
    const whole = run(wasm, bytesOf(rows), (codec) =>
      codec.encode({ from: 'F32', to, rows: rows.length / row, rowLength: row, importance }).slice(),
    )
    const first = rows.slice(0, 3 * row)
    const rest = rows.slice(3 * row)
    const pieces = [first, rest].map((part) =>
      run(wasm, bytesOf(part), (codec) => codec.encode({ from: 'F32', to, rows: part.length / row, rowLength: row, importance }).slice()),
    )
    expect(pieces.flatMap((piece) => [...(piece as Uint8Array)])).toEqual([...(whole as Uint8Array)])
  }
})

test('is refused what the plain codec refuses', () => {
  const codes = (job: Partial<EncodeJob>, numbers: Float32Array) => {
    const whole = { from: 'F32', to: 'Q4_K', rows: 1, rowLength: numbers.length, ...job } as EncodeJob
    const expected = run(plain, bytesOf(numbers), (codec) => codec.encode(whole).slice())
    expect(run(wasm, bytesOf(numbers), (codec) => codec.encode(whole).slice())).toEqual(expected)
    return (expected as { code: string }).code
  }
  const numbers = new Float32Array(256).fill(1)
  const origin = { tensor: 'blk.0.attn_q.weight', firstRow: 7 }
  expect(codes({ origin }, numbers.with(5, Number.NaN))).toBe('quant/not-finite')
  expect(codes({ origin }, numbers.with(5, Number.NEGATIVE_INFINITY))).toBe('quant/not-finite')
  expect(codes({ origin }, numbers.with(5, 3e38))).toBe('quant/overflow')
  expect(codes({ to: 'F16', origin }, numbers.with(255, 65520))).toBe('quant/overflow')
  expect(codes({ to: 'BF16', origin }, numbers.with(3, 3.4e38))).toBe('quant/overflow')
  expect(codes({ importance: new Float32Array(255) }, numbers)).toBe('quant/importance-length')
  expect(codes({ importance: new Float32Array(256).fill(1).with(9, Number.NaN) }, numbers)).toBe('quant/importance-value')
  expect(codes({ to: 'IQ2_XXS' }, numbers)).toBe('quant/importance-required')
  expect(codes({ rowLength: 128, rows: 2 }, numbers)).toBe('quant/row-length')
  expect(codes({ rows: 2 }, numbers)).toBe('quant/buffer-length')
  expect(codes({ to: 'Q8_K' }, numbers)).toBe('quant/not-encodable')
})

test('reads big-endian sources', () => {
  const reversed = bytesOf(rows).slice()
  for (let at = 0; at < reversed.length; at += 4) reversed.subarray(at, at + 4).reverse()
  const job = { from: 'F32', rows: rows.length / ROW_LENGTH, rowLength: ROW_LENGTH, bigEndian: true } as const
  expect(run(wasm, reversed, (codec) => codec.encode({ ...job, to: 'Q4_K' }).slice())).toEqual(fixtureBytes('q4_k.bin'))
  expectSameEncoding(reversed, { ...job, to: 'F32' })
  expectSameDecoding(reversed, job)
  // A refusal must speak of the numbers, not of their bytes the wrong way round.
  const infinite = reversed.slice()
  infinite.set([0x7f, 0x80, 0, 0], 4 * 100)
  expectSameEncoding(infinite, { ...job, to: 'Q4_K', origin: { tensor: 'output.weight', firstRow: 0 } })
})

test('is disposed of for good', async () => {
  const codec = await wasmRowCodec(await compileKernels())
  codec.input(4)
  codec.dispose()
  const job = { from: 'F32', rows: 1, rowLength: 1 } as const
  for (const use of [() => codec.input(4), () => codec.encode({ ...job, to: 'F16' }), () => codec.decode(job)]) {
    expect(use).toThrow(expect.objectContaining({ code: 'quant/disposed' }))
  }
})

test('carries the bytes of kernels.wasm', () => {
  const file = readFileSync(new URL('kernels.wasm', import.meta.url))
  expect(kernelBytes()).toEqual(new Uint8Array(file))
  expect(file.length).toBeLessThan(300_000)
})
