// The kernels against their specification: every byte and every refusal of the plain codec, on fixtures and on random rows.
import { FsError, GGML_TYPES } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_TYPES } from '../block-types.ts'
import { fixtureBytes, importance, ROW_LENGTH, rows } from '../fixtures.test-support.ts'
import { plainRowCodec } from '../plain-row-codec.ts'
import type { DecodeJob, EncodeJob, RowCodec } from '../row-codec.ts'
import { KERNELS, type KernelType, kernelNames } from './kernels.ts'
import { compileKernels } from './module.ts'
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

  test.runIf(encode && fixtures.plain)('encodes the fixture rows as ggml does', () => {
    const encoded = run(wasm, bytesOf(rows), (codec) => codec.encode({ ...fixtureJob, from: 'F32', to: type }).slice())
    expect(encoded).toEqual(fixtureBytes(`${name}.bin`))
  })

  test.runIf(encodeWeighted && fixtures.weighted)('encodes the fixture rows with importance as ggml does', () => {
    const encoded = run(wasm, bytesOf(rows), (codec) => codec.encode({ ...fixtureJob, from: 'F32', to: type, importance }).slice())
    expect(encoded).toEqual(fixtureBytes(`${name}_imatrix.bin`))
  })

  test.runIf(decode && (fixtures.plain || fixtures.weighted))('decodes the fixture as ggml does', () => {
    const stem = fixtures.plain ? name : `${name}_imatrix`
    const decoded = run(wasm, fixtureBytes(`${stem}.bin`), (codec) => bytesOf(codec.decode({ ...fixtureJob, from: type }).slice()))
    expect(decoded).toEqual(fixtureBytes(`${stem}.deq.f32`))
  })

  test.runIf(encode && BLOCK_TYPES[type].importance !== 'required')('encodes random rows as the plain codec does', () => {
    fc.assert(
      fc.property(weightRows(blockSize), ({ numbers, rowLength }) => {
        expectSameEncoding(bytesOf(numbers), { from: 'F32', to: type, rows: numbers.length / rowLength, rowLength })
      }),
      { numRuns: RUNS },
    )
  })

  test.runIf(encodeWeighted)('encodes random rows with random importance as the plain codec does', () => {
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

  test.runIf(decode)('decodes any bytes as the plain codec does', () => {
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
