// Rows of a result against the plainest meaning of the same: whole arrays, one number at a time.
import { compileChain } from '@fs/arch/rows'
import type { Transform } from '@fs/arch/transforms'
import { plainRowCodec } from '@fs/quant'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredInput } from '../plan/conversion-plan.ts'
import { readerOf } from '../test-support/execute.test-support.ts'
import { floatRows } from './float-rows.ts'

type Matrix = readonly (readonly number[])[]

const codec = plainRowCodec()

/** Inputs one after another in one source, each row-major. */
function stored(matrices: readonly Matrix[]): { readonly inputs: readonly StoredInput[]; readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(Float32Array.from(matrices.flat(2)).buffer)
  let offset = 0
  const inputs = matrices.map((matrix, index): StoredInput => {
    const shape = [matrix.length, matrix[0]!.length]
    const byteLength = 4 * shape[0]! * shape[1]!
    offset += byteLength
    return { tensor: `input ${index}`, source: 0, offset: offset - byteLength, byteLength, type: 'F32', shape }
  })
  return { inputs, bytes }
}

/** Rows `start` to `end` of the first result of a chain over matrices. */
async function rowsOf(chain: readonly Transform[], matrices: readonly Matrix[], start = 0, end?: number): Promise<Matrix> {
  const { inputs, bytes } = stored(matrices)
  const [output] = compileChain(
    chain,
    inputs.map(({ shape }) => shape),
  )
  const values = await floatRows(output!, inputs, start, end ?? output!.rows, codec, readerOf(bytes))
  return Array.from({ length: values.length / output!.rowLength }, (_, row) => [
    ...values.subarray(row * output!.rowLength, (row + 1) * output!.rowLength),
  ])
}

const matrix = (rows: fc.Arbitrary<number>, columns: fc.Arbitrary<number>): fc.Arbitrary<Matrix> =>
  fc.tuple(rows, columns).chain(([height, width]) =>
    fc.array(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: width, maxLength: width }), {
      minLength: height,
      maxLength: height,
    }),
  )
const size = fc.integer({ min: 1, max: 9 })

describe('rows of a result', () => {
  test('of a transpose are the columns of what is stored', async () => {
    await fc.assert(
      fc.asyncProperty(matrix(size, size), async (values) => {
        expect(await rowsOf([{ kind: 'transpose' }], [values])).toEqual(values[0]!.map((_, column) => values.map((row) => row[column])))
      }),
    )
  })

  test('are the same whether they come in one band or in two', async () => {
    const cut = matrix(fc.constant(8), size).chain((values) => fc.tuple(fc.constant(values), fc.nat(8)))
    const chains: readonly (readonly Transform[])[] = [
      [{ kind: 'interleave-rope', heads: 2 }],
      [{ kind: 'add', value: 1 }],
      [
        { kind: 'interleave-rope', heads: 1 },
        { kind: 'add', value: 0.5 },
      ],
    ]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...chains), cut, async (chain, [values, at]) => {
        const whole = await rowsOf(chain, [values])
        const parts = [...(await rowsOf(chain, [values], 0, at)), ...(await rowsOf(chain, [values], at, 8))]
        expect(parts).toEqual(whole)
      }),
    )
  })

  test('padded before and after are zeros around what is stored', async () => {
    await fc.assert(
      fc.asyncProperty(matrix(size, size), fc.nat(3), fc.nat(3), async (values, before, after) => {
        const zero = values[0]!.map(() => 0)
        const padded = await rowsOf([{ kind: 'pad-rows', before, after }], [values])
        expect(padded).toEqual([...Array(before).fill(zero), ...values, ...Array(after).fill(zero)])
      }),
    )
  })

  test('of joined inputs come from each in turn', async () => {
    const three = size.chain((width) => fc.array(matrix(size, fc.constant(width)), { minLength: 1, maxLength: 3 }))
    await fc.assert(
      fc.asyncProperty(three, async (matrices) => {
        expect(await rowsOf([{ kind: 'join', rows: matrices.map((rows) => rows.length) }], matrices)).toEqual(matrices.flat())
      }),
    )
  })

  test('are rounded to float32 after what is added', async () => {
    expect(await rowsOf([{ kind: 'add', value: 1 }], [[[2 ** -24, 1]]])).toEqual([[1, 2]])
  })
})
