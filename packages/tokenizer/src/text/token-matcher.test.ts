import { expect, test } from 'vitest'
import { type LiteralToken, leftmostLongest, longestFirst } from './token-matcher.ts'

const plain = { control: false, singleWord: false, leftStrip: false, rightStrip: false }
const token = (id: number, text: string, more: Partial<LiteralToken> = {}): LiteralToken => ({ ...plain, id, text, ...more })
const anywhere = () => true
const nowhere = () => false

test('leftmost-longest takes what begins first, longest-first what is longest', () => {
  const tokens = [token(1, 'ab'), token(2, 'bcd')]
  expect(leftmostLongest(tokens).find('abcd', anywhere)).toEqual([{ id: 1, start: 0, end: 2 }])
  expect(longestFirst(tokens).find('abcd', anywhere)).toEqual([{ id: 2, start: 1, end: 4 }])
})

test.each([leftmostLongest, longestFirst])('%o cuts a run of spaces into the longest tokens there are', (matcher) => {
  const spaces = [2, 3, 4].map((length) => token(length, ' '.repeat(length)))
  expect(
    matcher(spaces)
      .find(`a${' '.repeat(11)}b`, anywhere)
      .map((match) => match.id),
  ).toEqual([4, 4, 3])
})

test.each([leftmostLongest, longestFirst])('%o sees control tokens only where it may', (matcher) => {
  const tokens = [token(1, '<|end|>', { control: true }), token(2, '<|')]
  expect(matcher(tokens).find('x<|end|>', anywhere)).toEqual([{ id: 1, start: 1, end: 8 }])
  expect(matcher(tokens).find('x<|end|>', nowhere)).toEqual([{ id: 2, start: 1, end: 3 }])
})

test('a single-word token needs a border on both sides, also beside letters outside the basic plane', () => {
  const { find } = leftmostLongest([token(1, 'is', { singleWord: true })])
  expect(find('this is it', anywhere)).toEqual([{ id: 1, start: 5, end: 7 }])
  expect(find('𝒳is', anywhere)).toEqual([])
  expect(find('😀is', anywhere)).toHaveLength(1)
})

test('stripping swallows whitespace on its side, never another token', () => {
  const mask = token(1, '<m>', { leftStrip: true, rightStrip: true })
  expect(leftmostLongest([mask]).find('a  <m> \n b', anywhere)).toEqual([{ id: 1, start: 1, end: 9 }])
  expect(leftmostLongest([mask]).find('<m> <m>', anywhere)).toEqual([
    { id: 1, start: 0, end: 4 },
    { id: 1, start: 4, end: 7 },
  ])
})
