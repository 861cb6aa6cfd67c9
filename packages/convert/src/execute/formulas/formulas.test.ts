// Each formula against the plainest computation of the same thing, over any cut into rows.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, f32, integers, numbers, workbench } from './workbench.test-support.ts'

describe('scaled', () => {
  const shape = [5, 7] as const

  test('blocks with zero points, whatever the block', async () => {
    const size = fc.integer({ min: 1, max: 8 })
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        numbers(35),
        integers(35, -3, 3),
        integers(35, -8, 7),
        cut(5),
        async (blockRows, blockColumns, ...rest) => {
          const [allScales, allZeros, levels, [start, end]] = rest
          const factor = 0.3
          const blocks = Math.ceil(shape[0] / blockRows) * Math.ceil(shape[1] / blockColumns)
          const [scales, zeros] = [allScales.slice(0, blocks), allZeros.slice(0, blocks)]
          const { stored, computed, rows } = workbench()
          const wide = Math.ceil(shape[1] / blockColumns)
          const scaleShape = [scales.length / wide, wide]
          const formula = { kind: 'scaled', blockRows, blockColumns, factor, shift: 'zeros', groups: 'blocks' } as const
          const input = computed(
            shape,
            formula,
            stored('I8', shape, levels),
            stored('F32', scaleShape, scales),
            stored('I8', scaleShape, zeros),
          )
          const expected = levels.map((level, index) => {
            const block = Math.floor(Math.floor(index / 7) / blockRows) * wide + Math.floor((index % 7) / blockColumns)
            return f32(f32((level - zeros[block]!) * scales[block]!) * factor)
          })
          expect(await rows(input, start, end)).toEqual(expected.slice(start * 7, end * 7))
        },
      ),
    )
  })

  test('one scale for all, as a scalar; biases are added last', async () => {
    const { stored, computed, rows } = workbench()
    const plain = { kind: 'scaled', blockRows: 2, blockColumns: 2, factor: 1, groups: 'blocks' } as const
    const weight = stored('I8', [2, 2], [1, 2, 3, -4])
    expect(await rows(computed([2, 2], { ...plain, shift: 'none' }, weight, stored('F32', [], [0.5])), 0, 2)).toEqual([0.5, 1, 1.5, -2])
    const biased = computed([2, 2], { ...plain, shift: 'biases' }, weight, stored('F32', [], [0.5]), stored('F32', [], [10]))
    expect(await rows(biased, 1, 2)).toEqual([11.5, 8])
  })

  test('rows that name their group take its scales, in any order', async () => {
    const { stored, computed, rows } = workbench()
    const formula = { kind: 'scaled', blockRows: 1, blockColumns: 1, factor: 1, shift: 'none', groups: 'named-rows' } as const
    const weight = stored('I8', [4, 2], [1, 1, 2, 2, 3, 3, 4, 4])
    const scales = stored('F32', [2, 2], [1, 10, 100, 1000])
    const input = computed([4, 2], formula, weight, scales, stored('I32', [4], [1, 0, 1, 0]))
    expect(await rows(input, 0, 4)).toEqual([100, 1000, 2, 20, 300, 3000, 4, 40])
    expect(await rows(input, 3, 4)).toEqual([4, 40])
    const wrong = computed([4, 2], formula, weight, scales, stored('I32', [4], [1, 0, 2, 0]))
    await expect(rows(wrong, 2, 3)).rejects.toMatchObject({ code: 'convert/quantized-group', details: { group: 2, groups: 2 } })
  })
})

test('columns that name their group take its scales and zero points', async () => {
  const { stored, computed, rows } = workbench()
  const formula = { kind: 'scaled', blockRows: 1, blockColumns: 1, factor: 1, shift: 'zeros', groups: 'named-columns' } as const
  const operands = [stored('I8', [2, 3], [1, 2, 3, 4, 5, 6]), stored('F32', [2, 2], [1, 10, 100, 1000]), stored('I8', [2, 2], [0, 1, 2, 3])]
  const input = computed([2, 3], formula, ...operands, stored('I32', [3], [1, 0, 1]))
  expect(await rows(input, 0, 2)).toEqual([0, 2, 20, 1000, 300, 3000])
  expect(await rows(input, 1, 2)).toEqual([1000, 300, 3000])
  await expect(rows(computed([2, 3], formula, ...operands, stored('I32', [3], [1, -1, 1])), 0, 1)).rejects.toMatchObject({
    code: 'convert/quantized-group',
  })
})

describe('unpacked', () => {
  test('an offset may wrap around: GPTQ stores zero points one too small', async () => {
    const { stored, computed, rows } = workbench()
    const formula = { kind: 'unpacked', bits: 4, unitWords: 1, unitLevels: 8, order: null, offset: 1, along: 'columns' } as const
    const words = stored('I32', [1, 1], [0x7f0])
    expect(await rows(computed([1, 3], { ...formula, wraps: true }, words), 0, 1)).toEqual([1, 0, 8])
    expect(await rows(computed([1, 3], { ...formula, wraps: false }, words), 0, 1)).toEqual([1, 16, 8])
  })

  /** Writes levels into words, bit by bit. */
  const pack = (levels: readonly number[], bits: number, unitWords: number, unitLevels: number, order?: readonly number[]): number[] => {
    const words: bigint[] = Array.from({ length: Math.ceil(levels.length / unitLevels) * unitWords }, () => 0n)
    for (const [index, level] of levels.entries()) {
      const place = (order?.[index % unitLevels] ?? index % unitLevels) * bits
      const first = Math.floor(index / unitLevels) * unitWords
      for (let bit = 0; bit < bits; bit++) {
        const at = place + bit
        if ((level >> bit) & 1) words[first + Math.floor(at / 32)]! |= 1n << BigInt(at % 32)
      }
    }
    return words.map((word) => Number(BigInt.asIntN(32, word)))
  }
  const units = [
    { bits: 2, unitWords: 1, unitLevels: 16 },
    { bits: 3, unitWords: 3, unitLevels: 32 },
    { bits: 3, unitWords: 1, unitLevels: 10 },
    { bits: 4, unitWords: 1, unitLevels: 8 },
    { bits: 5, unitWords: 5, unitLevels: 32 },
    { bits: 6, unitWords: 3, unitLevels: 16 },
    { bits: 8, unitWords: 1, unitLevels: 4 },
  ] as const

  test.each(units)(
    '$bits bits, $unitLevels levels in $unitWords words, along rows and columns',
    async ({ bits, unitWords, unitLevels }) => {
      const levels = Array.from({ length: 2 }, (_, row) => Array.from({ length: 70 }, (_, column) => (row * 31 + column * 7) % 2 ** bits))
      const packed = levels.map((row) => pack(row, bits, unitWords, unitLevels))
      const { stored, computed, rows } = workbench()
      const formula = { kind: 'unpacked', bits, unitWords, unitLevels, order: null, offset: -1, wraps: false } as const
      const along = computed([2, 70], { ...formula, along: 'columns' }, stored('I32', [2, packed[0]!.length], packed.flat()))
      expect(await rows(along, 0, 2)).toEqual(levels.flat().map((level) => level - 1))
      const transposed = packed[0]!.flatMap((word, index) => [word, packed[1]![index]!])
      const down = computed([70, 2], { ...formula, along: 'rows' }, stored('I32', [packed[0]!.length, 2], transposed))
      const expected = levels[0]!.flatMap((level, index) => [level - 1, levels[1]![index]! - 1])
      await fc.assert(
        fc.asyncProperty(cut(70), async ([start, end]) => {
          expect(await rows(down, start, end)).toEqual(expected.slice(2 * start, 2 * end))
        }),
      )
    },
  )

  test('AWQ puts a word’s levels in an order of its own', async () => {
    const order = [0, 4, 1, 5, 2, 6, 3, 7]
    const { stored, computed, rows } = workbench()
    const formula = { kind: 'unpacked', bits: 4, unitWords: 1, unitLevels: 8, order, offset: 0, wraps: false, along: 'columns' } as const
    // AutoAWQ's packer puts column order_map[i] at place i, with order_map = [0, 2, 4, 6, 1, 3, 5, 7].
    const word = [0, 2, 4, 6, 1, 3, 5, 7].reduce((sum, column, place) => sum | (column << (4 * place)), 0)
    expect(await rows(computed([1, 8], formula, stored('I32', [1, 1], [word])), 0, 1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
})

describe('codebook', () => {
  test('four bits, upper half first, blocks across rows; eight bits with an offset', async () => {
    const table = Array.from({ length: 16 }, (_, level) => f32(level / 7 - 1))
    const bytes = Array.from({ length: 15 }, (_, index) => (index * 37) % 256)
    const scales = [1.5, 0.25, 3, 2]
    const nibbles = bytes.flatMap((byte) => [byte >> 4, byte & 15])
    await fc.assert(
      fc.asyncProperty(cut(6), async ([start, end]) => {
        const { stored, computed, rows } = workbench()
        const operands = [stored('U8', [15], bytes), stored('F32', [16], table), stored('F32', [4], scales)]
        const input = computed([6, 5], { kind: 'codebook', bits: 4, blockSize: 8, offset: 0 }, ...operands)
        const expected = nibbles.map((nibble, index) => f32(table[nibble]! * scales[Math.floor(index / 8)]!))
        expect(await rows(input, start, end)).toEqual(expected.slice(5 * start, 5 * end))
      }),
    )
    const { stored, computed, rows } = workbench()
    const wide = stored(
      'F32',
      [256],
      Array.from({ length: 256 }, (_, level) => level),
    )
    const input = computed(
      [3],
      { kind: 'codebook', bits: 8, blockSize: 2, offset: 0.5 },
      stored('U8', [3], [1, 2, 255]),
      wide,
      stored('F32', [2], [2, 4]),
    )
    expect(await rows(input, 0, 3)).toEqual([2.5, 4.5, 1020.5])
  })
})

test('low-rank sum: base + scale * up * down, of any rows', async () => {
  const inputs = fc.tuple(numbers(4 * 6), numbers(4 * 2), numbers(2 * 6), fc.constantFrom(0.5, 2), cut(4))
  await fc.assert(
    fc.asyncProperty(inputs, async ([base, up, down, scale, [start, end]]) => {
      const { stored, computed, rows } = workbench()
      const operands = [stored('F32', [4, 6], base), stored('F32', [4, 2], up), stored('F32', [2, 6], down)]
      const input = computed([4, 6], { kind: 'low-rank-sum', scale }, ...operands)
      const expected = base.map((value, index) => {
        const [row, column] = [Math.floor(index / 6), index % 6]
        return f32(value + f32(scale * (up[row * 2]! * down[column]! + up[row * 2 + 1]! * down[6 + column]!)))
      })
      expect(await rows(input, start, end)).toEqual(expected.slice(start * 6, end * 6))
    }),
  )
})

test('formulas nest, and a rearranged operand is read as if it were stored so', async () => {
  const { stored, computed, rows } = workbench()
  const transposed = computed([2, 3], { kind: 'rearranged', chain: [{ kind: 'transpose' }] }, stored('F32', [3, 2], [1, 4, 2, 5, 3, 6]))
  const formula = { kind: 'scaled', blockRows: 1, blockColumns: 3, factor: 1, shift: 'none', groups: 'blocks' } as const
  const input = computed([2, 3], formula, transposed, stored('F32', [2], [1, 10]))
  expect(await rows(input, 0, 2)).toEqual([1, 2, 3, 40, 50, 60])
  const interleaved = computed(
    [4, 1],
    { kind: 'rearranged', chain: [{ kind: 'interleave-rope', heads: 1 }] },
    stored('F32', [4, 1], [0, 1, 2, 3]),
  )
  expect(await rows(interleaved, 1, 4)).toEqual([2, 1, 3])
})

test('matrices side by side, whatever rows are asked for', async () => {
  const { stored, computed, rows } = workbench()
  const left = stored('F32', [3, 2], [1, 2, 5, 6, 9, 10])
  const right = stored('I8', [3, 1], [3, 7, 11])
  const input = computed([3, 3], { kind: 'side-by-side' }, left, right)
  expect(await rows(input, 0, 3)).toEqual([1, 2, 3, 5, 6, 7, 9, 10, 11])
  expect(await rows(input, 1, 2)).toEqual([5, 6, 7])
  const turned = computed([3, 3], { kind: 'rearranged', chain: [{ kind: 'transpose' }] }, input)
  expect(await rows(turned, 1, 3)).toEqual([2, 6, 10, 3, 7, 11])
})

test('blocks that run on from row to row, of any rows and columns', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 3, 5, 15), integers(15, -127, 127), cut(3), async (blockSize, levels, [start, end]) => {
      const { stored, computed, rows } = workbench()
      const scales = Array.from({ length: 15 / blockSize }, (_, block) => 1 / (block + 1))
      const operands = [stored('I8', [3, 5], levels), stored('F32', [scales.length], scales)] as const
      const expected = levels.map((level, index) => f32(level * f32(scales[Math.floor(index / blockSize)]!)))
      const input = computed([3, 5], { kind: 'running-scaled', blockSize }, ...operands)
      expect(await rows(input, start, end)).toEqual(expected.slice(start * 5, end * 5))
      const turned = computed([5, 3], { kind: 'rearranged', chain: [{ kind: 'transpose' }] }, input)
      expect(await rows(turned, 0, 1)).toEqual([expected[0], expected[5], expected[10]])
    }),
  )
})
