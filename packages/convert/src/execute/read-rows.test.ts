import { compileChain } from '@fs/arch/rows'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredInput } from '../plan/conversion-plan.ts'
import { readerOf } from '../test-support/execute.test-support.ts'
import { readRuns, runsOf } from './read-rows.ts'

/** 16-bit words 0, 1, 2, …, so that a value says where it lay. */
const WORDS = Uint16Array.from({ length: 400 }, (_, index) => index)
const readInto = readerOf(new Uint8Array(WORDS.buffer))

const view = (shape: readonly number[], offset = 0, strides?: readonly number[]): StoredInput => ({
  tensor: 'view',
  source: 0,
  offset: offset * 2,
  byteLength: shape.reduce((product, dimension) => product * dimension, 2),
  type: 'U16',
  shape,
  ...(strides === undefined ? {} : { strides }),
})

async function read(inputs: readonly StoredInput[], runs: Parameters<typeof readRuns>[1], words: number): Promise<number[]> {
  const target = new Uint8Array(words * 2).fill(255)
  await readRuns(inputs, runs, target, readInto)
  return [...new Uint16Array(target.buffer)]
}

describe('runs', () => {
  test('are stretches that lie together', () => {
    const [padded] = compileChain([{ kind: 'pad-rows', before: 2, after: 1 }], [[3, 4]])
    expect(runsOf(padded!, 0, 6)).toEqual([
      { input: -1, row: 0, count: 2 },
      { input: 0, row: 0, count: 3 },
      { input: -1, row: 0, count: 1 },
    ])
    const [interleaved] = compileChain([{ kind: 'interleave-rope', heads: 1 }], [[4, 4]])
    expect(runsOf(interleaved!, 0, 4).map(({ row }) => row)).toEqual([0, 2, 1, 3])
  })

  test('are read back to back, zeros where there is no input', async () => {
    const runs = [
      { input: 0, row: 2, count: 1 },
      { input: -1, row: 0, count: 1 },
      { input: 1, row: 0, count: 2 },
    ]
    expect(await read([view([3, 2]), view([2, 2], 100)], runs, 8)).toEqual([4, 5, 0, 0, 100, 101, 102, 103])
  })

  test('give the same bytes near to one another, which are read at once, and far apart', async () => {
    const rows = fc.array(fc.nat(39), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(rows, async (list) => {
        const runs = list.map((row) => ({ input: 0, row, count: 1 }))
        expect(await read([view([40, 10])], runs, list.length * 10)).toEqual(
          list.flatMap((row) => Array.from({ length: 10 }, (_, column) => row * 10 + column)),
        )
      }),
    )
  })
})

describe('a view that is not contiguous', () => {
  test('is read as its strides say', async () => {
    const strided = fc.record({
      rows: fc.integer({ min: 1, max: 6 }),
      columns: fc.integer({ min: 1, max: 6 }),
      step: fc.integer({ min: 1, max: 5 }),
      offset: fc.nat(20),
    })
    await fc.assert(
      fc.asyncProperty(strided, async ({ rows, columns, step, offset }) => {
        const rowStep = step * columns + 1
        const words = await read([view([rows, columns], offset, [rowStep, step])], [{ input: 0, row: 0, count: rows }], rows * columns)
        expect(words).toEqual(
          Array.from({ length: rows * columns }, (_, index) => offset + Math.floor(index / columns) * rowStep + (index % columns) * step),
        )
      }),
    )
  })

  test('may be a vector: every second number', async () => {
    expect(await read([view([4], 10, [2])], [{ input: 0, row: 1, count: 3 }], 3)).toEqual([12, 14, 16])
  })

  test('of blocks cannot be taken apart', async () => {
    const blocks: StoredInput = { ...view([2, 32], 0, [64, 1]), type: 'Q4_0' }
    await expect(readRuns([blocks], [{ input: 0, row: 0, count: 1 }], new Uint8Array(18), readInto)).rejects.toMatchObject({
      code: 'convert/strided-blocks',
      details: { tensor: 'view' },
    })
  })
})
