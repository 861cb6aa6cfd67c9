import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../bytes/index.ts'
import { channelWeights, encodeImatrixDat, encodeImatrixGguf, type Imatrix, readImatrix } from './index.ts'

const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: 0, max: 1e6 })

const imatrices: fc.Arbitrary<Imatrix> = fc
  .uniqueArray(
    fc.record({
      name: fc.stringMatching(/^blk\.\d\.[a-z_]{1,12}\.weight$/),
      matrices: fc.integer({ min: 1, max: 3 }),
      channels: fc.integer({ min: 1, max: 6 }),
    }),
    {
      selector: ({ name }) => name,
      minLength: 1,
      maxLength: 4,
    },
  )
  .chain((tensors) =>
    fc
      .tuple(
        ...tensors.map(({ matrices, channels }) =>
          fc.tuple(
            fc.array(float, { minLength: matrices * channels, maxLength: matrices * channels }),
            fc.array(fc.integer({ min: 0, max: 4096 }), { minLength: matrices, maxLength: matrices }),
          ),
        ),
      )
      .map((values) => ({
        entries: new Map(
          tensors.map(({ name }, index) => [
            name,
            { sums: Float32Array.from(values[index]![0]), counts: Float32Array.from(values[index]![1]) },
          ]),
        ),
        datasets: ['calibration.txt'],
        chunkCount: 8,
        chunkSize: 512,
      })),
  )

const byName = (imatrix: Imatrix) => ({ ...imatrix, entries: new Map([...imatrix.entries].sort()) })

describe('importance matrices', () => {
  test('what is written in the GGUF form is read back', async () => {
    await fc.assert(
      fc.asyncProperty(imatrices, async (imatrix) => {
        expect(await readImatrix(memorySource(encodeImatrixGguf(imatrix), 'imatrix.gguf'))).toEqual(byName(imatrix))
      }),
    )
  })

  test('the older form keeps each channel’s weight, to float32 rounding', async () => {
    await fc.assert(
      fc.asyncProperty(imatrices, async (imatrix) => {
        const read = await readImatrix(memorySource(encodeImatrixDat(imatrix), 'imatrix.dat'))
        for (const [name, entry] of imatrix.entries) {
          if (entry.counts.every((count) => count === 0)) continue
          const [expected, actual] = [channelWeights(entry), channelWeights(read.entries.get(name)!)]
          for (const [channel, weight] of expected.entries())
            expect(actual[channel]).toBeCloseTo(weight, -Math.log10(weight * 1e-5 + 1e-30))
        }
      }),
    )
  })

  test('an expert no token reached weighs all its channels alike', () => {
    expect([...channelWeights({ sums: Float32Array.of(8, 4, 0, 0), counts: Float32Array.of(4, 0) })]).toEqual([2, 1, 1, 1])
  })

  const one: Imatrix = {
    entries: new Map([['a', { sums: Float32Array.of(1, 2), counts: Float32Array.of(2) }]]),
    datasets: [],
    chunkCount: 1,
    chunkSize: 2,
  }

  test.each([
    ['empty file', new Uint8Array(0), 'imatrix/malformed'],
    ['no entries', new Uint8Array(4), 'imatrix/empty'],
    ['a negative count of values', Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 97, 1, 0, 0, 0, 255, 255, 255, 255), 'imatrix/malformed'],
    ['a name of 2 GB', Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 127), 'imatrix/malformed'],
    [
      'a NaN',
      encodeImatrixDat({ ...one, entries: new Map([['a', { sums: Float32Array.of(Number.NaN), counts: Float32Array.of(1) }]]) }),
      'imatrix/not-finite',
    ],
    ['an entry cut short', encodeImatrixDat(one).subarray(0, 20), 'imatrix/malformed'],
  ])('%s is refused', async (_, bytes, code) => {
    await expect(readImatrix(memorySource(bytes, 'x.dat'))).rejects.toMatchObject({ code })
  })
})
