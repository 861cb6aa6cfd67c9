import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bigramModel } from '../test-support/bigram-model.test-support.ts'
import { multipleChoiceFile } from '../test-support/multiple-choice-file.test-support.ts'
import { measureMultipleChoice, multipleChoiceFinalLines, multipleChoiceLine } from './multiple-choice.ts'
import { readMultipleChoice } from './multiple-choice-file.ts'
import { drawSome } from './random-tasks.ts'
import { likeliestOf, scoreEndings } from './score-endings.ts'

const task = (question: string, right: number, ...texts: readonly string[]) => ({
  question,
  answers: texts.map((text, index) => ({ text, right: index === right })),
})
const TASKS = [task('A boat', 0, 'floats.', 'cooks.'), task('A cook', 1, 'sings.', 'stirs the pot.', 'flies.'), task('Käse', 1, 'a', 'b')]

describe('the file', () => {
  it('has tasks one after the other, found by offsets', () => {
    const bytes = multipleChoiceFile(TASKS, TASKS[1]!.answers)
    expect(readMultipleChoice(bytes, 'tasks.bin')).toEqual(TASKS)
    expect(readMultipleChoice(bytes, 'tasks.bin', 2)).toEqual(drawSome(3, 2).map((index) => TASKS[index]))
  })

  it('cut short anywhere is refused', () => {
    const bytes = multipleChoiceFile(TASKS)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readMultipleChoice(bytes.subarray(0, length), 'tasks.bin')).toThrow(expect.objectContaining({ code: 'eval/tasks-file' }))
    }
  })

  it.each([
    ['no tasks', Uint8Array.of(0, 0, 0, 0)],
    ['more tasks than bytes', Uint8Array.of(255, 255, 255, 255, 0, 0)],
    ['no question', multipleChoiceFile([task('', 0, 'a', 'b'), TASKS[0]!])],
    ['no answers', multipleChoiceFile([task('A boat', 0), TASKS[0]!])],
    ['an empty answer', multipleChoiceFile([task('A boat', 0, 'a', ''), task('A boat', 0, 'a', '')])],
    ['too many answers', multipleChoiceFile([task('A boat', 0, ...Array.from({ length: 101 }, () => 'a')), TASKS[0]!])],
  ])('with %s is refused', (_, bytes) => {
    expect(() => readMultipleChoice(bytes, 'tasks.bin')).toThrow(expect.objectContaining({ code: 'eval/tasks-file' }))
  })

  it('with an offset beyond its end is refused where the offset is used', () => {
    const bytes = multipleChoiceFile(TASKS)
    new Uint32Array(bytes.buffer, 4, 3).fill(bytes.length + 1)
    expect(readMultipleChoice(bytes, 'tasks.bin')).toEqual(TASKS)
    expect(() => readMultipleChoice(bytes, 'tasks.bin', 1)).toThrow(expect.objectContaining({ code: 'eval/tasks-file' }))
  })

  it('that is none ends in a sentence, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 3 }), (bytes, most) => {
        try {
          readMultipleChoice(bytes, 'tasks.bin', most)
        } catch (error) {
          expect(error).toMatchObject({ code: 'eval/tasks-file' })
        }
      }),
    )
  })
})

it('counts the likeliest answers that are right, beside chance', async () => {
  const model = bigramModel({ vocabularySize: 50, seed: 1 })
  const encode = (text: string) => [0, ...Array.from(text, (letter) => letter.charCodeAt(0) % 50)]
  const likeliest = await Promise.all(
    TASKS.map(async ({ question, answers }) =>
      likeliestOf(
        await scoreEndings(
          model,
          answers.map(({ text }) => encode(`${question} ${text}`)),
        ),
      ),
    ),
  )
  const known = TASKS.map(({ question, answers }, index) =>
    task(question, index === 0 ? 1 - likeliest[0]! : likeliest[index]!, ...answers.map(({ text }) => text)),
  )
  const lines: string[] = []
  const measured = await measureMultipleChoice(model, known, { encode, onTask: (sofar) => lines.push(multipleChoiceLine(sofar)) })
  expect(measured).toMatchObject({ tasks: 3, accuracy: 2 / 3, chance: 3 / 7 })
  expect(lines).toEqual(['1\t0.00000000', '2\t50.00000000', '3\t66.66666667'])
  expect(multipleChoiceFinalLines(measured)).toBe('Final result: 66.6667 +/- 33.3333\nRandom chance: 42.8571 +/- 34.9927')
})
