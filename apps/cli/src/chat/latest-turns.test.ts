import { expect, test } from 'vitest'
import { latestTurns } from './latest-turns.ts'
import type { ChatMessage } from './message.ts'

const system: ChatMessage = { role: 'system', content: 'Be brief.' }
const said = (...texts: string[]): ChatMessage[] =>
  texts.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }))
const atMost = (count: number) => (messages: readonly ChatMessage[]) => messages.length <= count
const texts = (messages: readonly ChatMessage[]) => messages.map(({ content }) => content).join(' ')

test.each<[room: number, shown: string, leftOut: number]>([
  [9, 'Be brief. 1 one 2 two 3', 0],
  [5, 'Be brief. 2 two 3', 1],
  [3, 'Be brief. 3', 2],
  [0, 'Be brief. 3', 2],
])('with room for %d messages: %s', (room, shown, leftOut) => {
  const turns = latestTurns([system, ...said('1', 'one', '2', 'two', '3')], atMost(room))
  expect([texts(turns.messages), turns.leftOut]).toEqual([shown, leftOut])
})

test('more may be left out than seems to fit, but never the last question', () => {
  const messages = said('1', 'one', '2', 'two', '3')
  expect(latestTurns(messages, () => true, 1)).toMatchObject({ leftOut: 1 })
  expect(texts(latestTurns(messages, () => true, 7).messages)).toBe('3')
})
