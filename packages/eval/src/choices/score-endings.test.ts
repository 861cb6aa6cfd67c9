import { expect, it } from 'vitest'
import { bigramModel } from '../test-support/bigram-model.test-support.ts'
import { likeliestOf, scoreEndings } from './score-endings.ts'

const model = bigramModel({ vocabularySize: 50, seed: 1 })

const logProbability = async (before: number, after: number) => {
  const [row] = await model.step([{ sequence: model.createSequence(), tokens: [before] }])
  return row![after]! - Math.log(row!.reduce((sum, value) => sum + Math.exp(value), 0))
}

it('endings are scored by mean log-probability, by hand', async () => {
  const [first, second] = await scoreEndings(model, [
    [0, 7, 8, 9],
    [0, 7, 3],
  ])
  expect(first).toBeCloseTo(((await logProbability(7, 8)) + (await logProbability(8, 9))) / 2, 6)
  expect(second).toBeCloseTo(await logProbability(7, 3), 6)
})

it('a text that begins another has its last token scored, and so has one token more of the other', async () => {
  const [short, long] = await scoreEndings(model, [
    [0, 7, 8],
    [0, 7, 8, 9],
  ])
  expect(short).toBeCloseTo(await logProbability(7, 8), 6)
  expect(long).toBeCloseTo(((await logProbability(7, 8)) + (await logProbability(8, 9))) / 2, 6)
})

it('without a shared token the first one is predicted by nothing', async () => {
  const [first] = await scoreEndings(model, [
    [1, 7],
    [2, 7],
  ])
  expect(first).toBeCloseTo(await logProbability(1, 7), 6)
})

it('of equal scores the first is taken', () => {
  expect(likeliestOf([-2, -1, -1])).toBe(1)
  expect(likeliestOf([Number.NaN, -1])).toBe(0)
})
