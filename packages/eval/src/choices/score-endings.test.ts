import { expect, it } from 'vitest'
import { bigramModel } from '../test-support/bigram-model.test-support.ts'
import { measureHellaswag } from './hellaswag.ts'
import { measureMultipleChoice } from './multiple-choice.ts'
import { likeliestOf, scoreEndings } from './score-endings.ts'
import { measureWinogrande } from './winogrande.ts'

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

it('a task longer than the model holds is named', async () => {
  const options = { encode: (text: string) => Array.from(text, () => 1) }
  const long = 'x'.repeat(80)
  const tooLong = expect.objectContaining({ code: 'eval/context-length', message: expect.stringContaining('task 1 takes 8') })
  await expect(measureHellaswag(model, [{ context: long, endings: ['a', 'b', 'c', 'd'], right: 0 }], options)).rejects.toEqual(tooLong)
  await expect(measureWinogrande(model, [{ before: long, after: '.', choices: ['a', 'b'], right: 1 }], options)).rejects.toEqual(tooLong)
  const answers = [{ text: 'a', right: true }]
  await expect(measureMultipleChoice(model, [{ question: long, answers }], options)).rejects.toEqual(tooLong)
})
