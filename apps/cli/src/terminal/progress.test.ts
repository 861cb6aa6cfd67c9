import { expect, test } from 'vitest'
import { terminalIn } from '../test-support/terminal.test-support.ts'
import { progressBar } from './progress.ts'

test('elsewhere than on a terminal: one line per ten percent, however often it is told', () => {
  const { terminal, written } = terminalIn('/')
  const bar = progressBar(terminal, 'writing Q4_0', 'normal')
  for (let done = 0; done <= 1000; done++) bar.update(done * 1e6, 1e9)
  bar.finish()
  expect(written.err.match(/writing Q4_0 \d+ %/g)).toEqual(Array.from({ length: 10 }, (_, tenth) => `writing Q4_0 ${(tenth + 1) * 10} %`))
  expect(written.out).toBe('')
})

test('on a terminal: one line that is redrawn, with bytes, rate and time left, gone at the end', () => {
  const { terminal, written } = terminalIn('/', { interactive: true, columns: 100 })
  const bar = progressBar(terminal, 'writing', 'normal')
  bar.update(5e8, 1e9)
  expect(written.err).toMatch(/^\r█+░+ writing {2}50 % {2}500 MB of 1\.0 GB, .*B\/s, .* left/)
  bar.finish()
  expect(written.err.endsWith('\r\u001b[K')).toBe(true)
  expect(written.err).not.toContain('\n')
})

test.each([1, 20, 40, 60, 66, 80])('a terminal of %i columns: never a line that would wrap', (columns) => {
  const { terminal, written } = terminalIn('/', { interactive: true, columns })
  progressBar(terminal, 'writing Q4_K_M, Q8_0', 'normal').update(5e8, 1e9)
  const line = written.err.replaceAll('\r', '').replaceAll('\u001b[K', '')
  expect(line.length).toBeLessThan(columns)
  expect(line).toContain('writing Q4_K_M, Q8_0'.slice(0, columns - 1))
})

test('colour only where it is wanted', () => {
  for (const color of [true, false]) {
    const { terminal, written } = terminalIn('/', { interactive: true, color })
    progressBar(terminal, 'writing', 'normal').update(1, 2)
    expect(written.err.includes('\u001b[36m')).toBe(color)
  }
})

test('--quiet says nothing', () => {
  const { terminal, written } = terminalIn('/', { interactive: true })
  const bar = progressBar(terminal, 'writing', 'quiet')
  bar.update(1, 2)
  bar.finish()
  expect(written).toEqual({ out: '', err: '' })
})
