// Tasks with answers to choose from, held against what llama-perplexity v0.5.0 says of the example's float32 file and the same tasks.
import { copyFileSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()
const perplexity = (...parameters: string[]) => tell(folder.path, ['perplexity', EXAMPLE, ...parameters, '--threads', '1'])

beforeEach(() => {
  for (const name of ['hellaswag.txt', 'winogrande.csv', 'multiple-choice.bin'])
    copyFileSync(new URL(`../../../fixtures/choices/${name}`, import.meta.url), folder.file(name))
})

/** What a command says for each task, then in the end. */
const said = async (...parameters: string[]) => {
  const { code, out, err } = await perplexity(...parameters)
  expect(code).toBe(0)
  return { lines: err.trimEnd().split('\n'), out }
}

describe('--hellaswag', () => {
  const LINES = [
    '1\t0.00000000%\t[0.0000%, 79.3451%]',
    '2\t50.00000000%\t[9.4531%, 90.5469%]',
    '3\t66.66666667%\t[20.7660%, 93.8508%]',
    '4\t75.00000000%\t[30.0642%, 95.4413%]',
    '5\t80.00000000%\t[37.5535%, 96.3776%]',
  ]

  test('says what llama-perplexity says, of its tasks in its order', async () => {
    expect(await said('--hellaswag', 'hellaswag.txt')).toEqual({ lines: LINES, out: `${LINES.at(-1)}\n` })
    expect((await said('--hellaswag', 'hellaswag.txt', '--hellaswag-tasks', '3')).lines).toEqual(LINES.slice(0, 3))
  })
})

describe('--winogrande', () => {
  /** Scores are rounded there by keys and values in float16. */
  const close = (ours: readonly string[], theirs: readonly string[]) => {
    const cells = (lines: readonly string[]) => lines.map((line) => line.trim().split(/\s+/).map(Number))
    for (const [index, expected] of cells(theirs).entries()) {
      for (const [place, value] of expected.entries()) expect(Math.abs(cells(ours)[index]![place]! - value)).toBeLessThan(1e-3)
    }
    expect(ours.map((line) => line.length)).toEqual(theirs.map((line) => line.length))
  }

  test('says what llama-perplexity says, for all tasks and for some', async () => {
    close((await said('--winogrande', 'winogrande.csv')).lines, [
      '1\t100.0000\t -3.692823   -3.814380  1  1',
      '2\t50.0000\t -5.855790   -5.085608  2  1',
      '3\t33.3333\t-12.204730  -13.208874  1  2',
      '4\t25.0000\t -3.503403   -3.781703  1  2',
      '5\t40.0000\t -4.630296   -5.648170  1  1',
      '6\t50.0000\t -3.063754   -3.320164  1  1',
    ])
    close((await said('--winogrande', 'winogrande.csv', '--winogrande-tasks', '3')).lines, [
      '1\t0.0000\t-12.204730  -13.208874  1  2',
      '2\t50.0000\t -4.630296   -5.648170  1  1',
      '3\t66.6667\t -3.063754   -3.320164  1  1',
    ])
  })
})

describe('--multiple-choice', () => {
  test('says what llama-perplexity says, for all tasks and for some', async () => {
    expect(await said('--multiple-choice', 'multiple-choice.bin')).toEqual({
      lines: ['1\t100.00000000', '2\t50.00000000', '3\t66.66666667', '4\t75.00000000'],
      out: 'Final result: 75.0000 +/- 25.0000\nRandom chance: 36.3636 +/- 27.7732\n',
    })
    expect(await said('--multiple-choice', 'multiple-choice.bin', '--multiple-choice-tasks', '2')).toEqual({
      lines: ['1\t0.00000000', '2\t50.00000000'],
      out: 'Final result: 50.0000 +/- 50.0000\nRandom chance: 28.5714 +/- 45.1754\n',
    })
  })

  test('--json has the figures', async () => {
    const { out } = await perplexity('--multiple-choice', 'multiple-choice.bin', '--json', '--quiet')
    expect(JSON.parse(out)).toMatchObject({ benchmark: 'multiple-choice', tasks: 4, accuracy: 0.75, chance: 4 / 11 })
  })
})

test('files that are wrong, or not there, are told in a sentence before a model is opened', async () => {
  writeFileSync(folder.file('wrong'), 'one line')
  expect(await perplexity('--hellaswag', 'wrong')).toMatchObject({ code: 1, err: expect.stringContaining('six') })
  expect(await perplexity('--winogrande', 'wrong')).toMatchObject({ code: 1, err: expect.stringContaining('line 1') })
  expect(await perplexity('--multiple-choice', 'wrong')).toMatchObject({ code: 1, err: expect.stringContaining('cut short') })
  expect(await perplexity('--winogrande', 'none.csv')).toMatchObject({ code: 2, err: expect.stringContaining('none.csv cannot be read') })
  expect(await perplexity('--winogrande', 'winogrande.csv', '--report', 'page.html')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--report is about a text'),
  })
  expect(await perplexity('--winogrande', 'wrong', '--hellaswag', 'wrong')).toMatchObject({
    code: 2,
    err: expect.stringContaining('choose one of --hellaswag and --winogrande'),
  })
})
