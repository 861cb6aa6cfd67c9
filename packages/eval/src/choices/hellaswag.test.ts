import { describe, expect, it } from 'vitest'
import { bigramModel } from '../test-support/bigram-model.test-support.ts'
import { hellaswagLine, measureHellaswag, parseHellaswag } from './hellaswag.ts'
import { scoreEndings } from './score-endings.ts'

const FILE = [
  'Cooking: A man',
  '2',
  'sings.',
  'flies.',
  'stirs the pot.',
  'is a pot.',
  'Rowing: A boat',
  '0',
  'floats.',
  'cooks.',
  'reads.',
  'sings.',
].join('\n')

const model = bigramModel({ vocabularySize: 50, seed: 1 })
const encode = (text: string) => [0, ...Array.from(text, (letter) => letter.charCodeAt(0) % 50)]

describe('HellaSwag', () => {
  it('has six lines a task', () => {
    expect(parseHellaswag(`${FILE}\n`, 'tasks.txt')).toEqual([
      { context: 'Cooking: A man', right: 2, endings: ['sings.', 'flies.', 'stirs the pot.', 'is a pot.'] },
      { context: 'Rowing: A boat', right: 0, endings: ['floats.', 'cooks.', 'reads.', 'sings.'] },
    ])
  })

  it.each([
    ['a line too few', FILE.slice(0, FILE.lastIndexOf('\n'))],
    ['a right ending that is none', FILE.replace('\n2\n', '\n4\n')],
    ['no number', FILE.replace('\n2\n', '\nthe third\n')],
  ])('%s is refused', (_, text) => {
    expect(() => parseHellaswag(text, 'tasks.txt')).toThrow(expect.objectContaining({ code: 'eval/tasks-file' }))
  })

  it('counts right answers, with an interval', async () => {
    const tasks = parseHellaswag(FILE, 'tasks.txt')
    const likeliest = await Promise.all(
      tasks.map(async ({ context, endings }) => {
        const scores = await scoreEndings(
          model,
          endings.map((ending) => encode(`${context} ${ending}`)),
        )
        return scores.indexOf(Math.max(...scores))
      }),
    )
    const all = await measureHellaswag(
      model,
      tasks.map((task, index) => ({ ...task, right: likeliest[index]! })),
      { encode },
    )
    expect(all.accuracy).toBe(1)
    expect(all.interval[0]).toBeCloseTo(0.3424, 4)
    expect(hellaswagLine(all)).toMatch(/^2\t100\.00000000%\t\[34\.23\d\d%, 100\.0000%\]$/)
  })
})
