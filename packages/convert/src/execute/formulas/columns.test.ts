// Formulas asked for some columns, as a transposed result asks them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cut, workbench } from './workbench.test-support.ts'

test('a transposed result asks its operands for the columns it needs, whatever they are made of', async () => {
  const { stored, computed, rows } = workbench()
  const [tall, wide] = [12, 40]
  const words = stored(
    'I32',
    [tall, wide / 8],
    Array.from({ length: (tall * wide) / 8 }, (_, index) => (index * 0x1234567) | 0),
  )
  const levels = computed(
    [tall, wide],
    { kind: 'unpacked', bits: 4, unitWords: 1, unitLevels: 8, order: null, offset: -8, wraps: false, along: 'columns' },
    words,
  )
  const scales = stored(
    'F32',
    [tall / 4, wide / 5],
    Array.from({ length: (tall * wide) / 20 }, (_, index) => (index % 7) / 8),
  )
  const scaled = computed(
    [tall, wide],
    { kind: 'scaled', blockRows: 4, blockColumns: 5, factor: 1, shift: 'none', groups: 'blocks' },
    levels,
    scales,
  )
  const groups = stored(
    'I32',
    [wide],
    Array.from({ length: wide }, (_, column) => (column * 3) % (wide / 5)),
  )
  const named = computed(
    [tall, wide],
    { kind: 'scaled', blockRows: 4, blockColumns: 1, factor: 1, shift: 'none', groups: 'named-columns' },
    levels,
    scales,
    groups,
  )
  const codebook = computed(
    [tall, wide],
    { kind: 'codebook', bits: 4, blockSize: 8, offset: 1 },
    stored(
      'U8',
      [(tall * wide) / 2],
      Array.from({ length: (tall * wide) / 2 }, (_, index) => (index * 11) % 256),
    ),
    stored(
      'F32',
      [16],
      Array.from({ length: 16 }, (_, level) => level),
    ),
    stored(
      'F32',
      [(tall * wide) / 8],
      Array.from({ length: (tall * wide) / 8 }, (_, index) => index),
    ),
  )
  const sum = computed(
    [tall, wide],
    { kind: 'low-rank-sum', scale: 0.5 },
    scaled,
    stored(
      'F32',
      [tall, 1],
      Array.from({ length: tall }, (_, row) => row),
    ),
    stored(
      'F32',
      [1, wide],
      Array.from({ length: wide }, (_, column) => column),
    ),
  )
  const twice = computed(
    [tall, wide],
    { kind: 'rearranged', chain: [{ kind: 'transpose' }, { kind: 'add', value: 1 }] },
    stored(
      'F32',
      [wide, tall],
      Array.from({ length: tall * wide }, (_, index) => index),
    ),
  )
  for (const matrix of [scaled, named, codebook, sum, twice]) {
    const whole = await rows(matrix, 0, tall)
    const transposed = computed([wide, tall], { kind: 'rearranged', chain: [{ kind: 'transpose' }] }, matrix)
    await fc.assert(
      fc.asyncProperty(cut(wide), async ([start, end]) => {
        const expected = Array.from(
          { length: (end - start) * tall },
          (_, index) => whole[(index % tall) * wide + start + Math.floor(index / tall)],
        )
        expect(await rows(transposed, start, end)).toEqual(expected)
      }),
      { numRuns: 20 },
    )
  }
})
