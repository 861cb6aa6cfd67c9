import { describe, expect, it } from 'vitest'
import { bigramModel } from '../test-support/bigram-model.test-support.ts'
import { measureWinogrande, parseWinogrande, type WinograndeAnswer, winograndeFinalLine, winograndeLine } from './winogrande.ts'

const model = bigramModel({ vocabularySize: 50, seed: 1 })
const encode = (text: string) => [0, ...Array.from(text, (letter) => letter.charCodeAt(0) % 50)]

const logProbability = async (before: number, after: number) => {
  const [row] = await model.step([{ sequence: model.createSequence(), tokens: [before] }])
  return row![after]! - Math.log(row!.reduce((sum, value) => sum + Math.exp(value), 0))
}

/** Mean over the tokens at `positions` of a text. */
const meanOf = async (tokens: readonly number[], positions: readonly number[]) => {
  const values = await Promise.all(positions.map((position) => logProbability(tokens[position - 1]!, tokens[position]!)))
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const answer = async (line: string) => {
  const answers: WinograndeAnswer[] = []
  await measureWinogrande(model, parseWinogrande(line, 'tasks.csv'), { encode, onTask: (given) => answers.push(given) })
  return answers[0]!
}

describe('a WinoGrande file', () => {
  it('has a task a line, its sentence in quotes where it has a comma', () => {
    expect(parseWinogrande('0,Ann sang so _ left.,Ann,Bob,2\n1,"When _ sang, all left.",Ann,the boys,1\n\n', 'tasks.csv')).toEqual([
      { before: 'Ann sang so ', after: ' left.', choices: ['Ann', 'Bob'], right: 2 },
      { before: 'When ', after: ' sang, all left.', choices: ['Ann', 'the boys'], right: 1 },
    ])
  })

  it.each([
    ['too few commas', '0,Ann sang so _ left.,Ann,2'],
    ['no gap', '0,Ann sang.,Ann,Bob,2'],
    ['a third choice', '0,_ sang.,Ann,Bob,3'],
    ['nothing', ''],
  ])('with %s is refused, by its line', (_, line) => {
    expect(() => parseWinogrande(`0,_ sang.,Ann,Bob,2\n${line}\n0,_ sang.,Ann,Bob,2`, 'tasks.csv')).toThrow(
      expect.objectContaining({ code: 'eval/tasks-file', message: expect.stringContaining('line 2') }),
    )
  })
})

describe('a choice', () => {
  it('is scored by what follows it, without the last token', async () => {
    const { scores } = await answer('0,a _ saw it.,bc,d,1')
    // [0, a, space, b, c, ...], of which " saw it" is scored and "." is not.
    expect(scores[0]).toBeCloseTo(await meanOf(encode('a bc saw it.'), [5, 6, 7, 8, 9, 10, 11]), 5)
    expect(scores[1]).toBeCloseTo(await meanOf(encode('a d saw it.'), [4, 5, 6, 7, 8, 9, 10]), 5)
  })

  it('is scored itself where little follows; the second by llama.cpp’s first row', async () => {
    const { scores } = await answer('0,a _.,b,c,1')
    expect(scores[0]).toBeCloseTo(await logProbability(encode(' ')[1]!, encode('b')[1]!), 5)
    expect(scores[1]).toBeCloseTo(await logProbability(encode('.')[1]!, encode('c')[1]!), 5)
  })

  it('of which nothing is left to score is not taken', async () => {
    expect(await answer('0,a _,b,b,2')).toEqual({ scores: [Number.NaN, Number.NaN], chosen: 2, right: 2 })
  })
})

it('its lines are llama-perplexity’s', () => {
  const accuracy = { tasks: 4, accuracy: 0.25, interval: [0, 1], uncertainty: 0.25 } as const
  expect(winograndeLine({ scores: [-5.5, -12.125], chosen: 1, right: 2 }, accuracy)).toBe('4\t25.0000\t -5.500000  -12.125000  1  2')
  expect(winograndeFinalLine(accuracy)).toBe('Final Winogrande score(4 tasks): 25.0000 +/- 25.0000')
})
