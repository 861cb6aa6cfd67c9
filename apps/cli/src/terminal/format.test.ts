import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatDuration, formatTable, printable } from './format.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [99_950, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [1_234_567, '1.2 MB'],
  [16e9, '16.0 GB'],
])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

test.each([
  [0.04, '0.0s'],
  [9.94, '9.9s'],
  [59.4, '59s'],
  [75, '1m 15s'],
  [3725, '1h 2m'],
  [Number.POSITIVE_INFINITY, '?'],
])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))

test.each([
  [999, '999'],
  [1_235_814_400, '1.24 B'],
  [1_500_000, '1.5 M'],
])('%i are %s', (count, text) => expect(formatCount(count)).toBe(text))

test('columns are as wide as their widest cell, without blanks at the end', () => {
  expect(
    formatTable(
      [
        ['a', 'size', ''],
        ['long name', '7', ''],
      ],
      new Set([1]),
    ),
  ).toBe('a          size\nlong name     7')
})

test('what would move a cursor or turn text around becomes visible', () => {
  expect(printable('a\u001b[2J\u0007b\r\u009b\u202ec')).toBe('a\\u001b[2J\\u0007b\\u000d\\u009b\\u202ec')
  expect(printable('tab\tline\n')).toBe('tab\tline\n')
  expect(printable('abcdef', 3)).toBe('abc…')
})
