import { expect, test } from 'vitest'
import { formatTable, gigabytes, median, replaceSection } from './table.ts'

test('ratios are against the first contender, by medians, and whoever is absent says why', () => {
  const rounds = (...seconds: number[]) =>
    seconds.map((value) => ({ seconds: value, processorSeconds: value + 1, peakBytes: value * 1e8, printed: '' }))
  const table = formatTable([
    {
      title: 'to Q4_0',
      results: [
        { name: 'ours', kind: 'measured', rounds: rounds(2, 9, 2) },
        { name: 'theirs', kind: 'measured', rounds: rounds(5, 5, 5) },
        { name: 'elsewhere', kind: 'measured', rounds: [{ seconds: 3, processorSeconds: undefined, peakBytes: undefined, printed: '' }] },
        { name: 'another', kind: 'absent', reason: 'not installed' },
      ],
    },
  ])
  expect(table.split('\n').slice(2)).toEqual([
    '| to Q4_0 | ours | 2.0 s | 1.00 | 3.0 s | 1.00 | 900 MB |',
    '|  | theirs | 5.0 s | 2.50 | 6.0 s | 2.00 | 500 MB |',
    '|  | elsewhere | 3.0 s | 1.50 | not measured here | | not measured here |',
    '|  | another | not installed | | | | |',
  ])
})

test('a section of the page is replaced, the rest stays', () => {
  const page = 'before\n<!-- bench:a -->\nold\n<!-- /bench:a -->\nafter'
  expect(replaceSection(page, 'a', 'new')).toBe('before\n<!-- bench:a -->\nnew\n<!-- /bench:a -->\nafter')
  expect(() => replaceSection(page, 'b', 'new')).toThrow('no place for section b')
})

test('numbers read as people give them', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(gigabytes(399.6e6)).toBe('400 MB')
  expect(gigabytes(2.471e9)).toBe('2.47 GB')
})
