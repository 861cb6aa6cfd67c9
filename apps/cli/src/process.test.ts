import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { start } from './test-support/process.test-support.ts'
import { EXAMPLE, useFolder } from './test-support/terminal.test-support.ts'

const folder = useFolder()
const run = (parameters: readonly string[], environment: { readonly [name: string]: string } = {}, input?: string) =>
  start(parameters, { folder: folder.path, environment, ...(input === undefined ? {} : { input }) }).ended

describe('streams', () => {
  test('what was made is on stdout; progress, a line per ten percent, on stderr', async () => {
    const { code, out, err } = await run(['convert', EXAMPLE, '--quant', 'q8_0'])
    expect(code).toBe(0)
    expect(out).toMatch(/^\/.*shakespeare-llama-Q8_0\.gguf {2}Llama Q8_0, 1\.6 MB, \S+s\n$/)
    const lines = err.trimEnd().split('\n')
    const progress = lines.filter((line) => line.startsWith('writing'))
    for (const line of progress) expect(line).toMatch(/^writing Q8_0 \d+0 % {2}\S+ \S?B of 1\.6 MB, .*\/s, \S+ left$/)
    expect(progress.at(-1)).toMatch(/^writing Q8_0 100 % {2}1\.6 MB of 1\.6 MB/)
    for (const line of lines) expect(line).toMatch(/^(writing |note: |(not )?checked)/)
  })

  test('--json --quiet: one document on stdout and nothing else anywhere', async () => {
    const { code, out, err } = await run(['convert', EXAMPLE, '--quant', 'q8_0,q4_0', '--json', '--quiet'])
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toMatchObject({
      architecture: 'Llama',
      outputs: [
        { type: 'Q8_0', files: [{ path: folder.file('shakespeare-llama-Q8_0.gguf'), size: 1_565_344 }] },
        { type: 'Q4_0', files: [{ path: folder.file('shakespeare-llama-Q4_0.gguf'), size: 912_032 }] },
      ],
    })
  })

  test('a reader that goes away ends the command quietly', async () => {
    const running = start(['models', '--json'], { folder: folder.path })
    running.child.stdout?.destroy()
    expect(await running.ended).toMatchObject({ code: 0, err: '' })
  })
})

describe.skipIf(!existsSync('/dev/full'))('a full disk behind stdout', () => {
  test('is one sentence and exit code 1', async () => {
    const command = [
      '-c',
      'exec "$0" --conditions=source "$1" models >/dev/full',
      process.execPath,
      resolve(import.meta.dirname, 'main.ts'),
    ]
    const { status, stderr } = spawnSync('sh', command, { encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: the output cannot be written: ENOSPC[^\n]*\n$/)])
  })
})

describe('exit codes', () => {
  test.each([
    [0, ['--version']],
    [0, ['convert', '--help']],
    [1, ['inspect', './none']],
    [2, ['convert', EXAMPLE, '--quant', 'q99']],
    [2, ['no-such-command']],
    [3, ['validate', 'empty.gguf']],
  ])('%i: %j', async (expected, parameters) => {
    writeFileSync(folder.file('empty.gguf'), '')
    expect((await run(parameters)).code).toBe(expected)
  })
})

describe('surroundings', () => {
  test('under pnpm relative paths mean the folder the person is in', async () => {
    const packageFolder = resolve(import.meta.dirname, '..')
    const { code, out } = await start(['validate', 'model.gguf', '--json'], {
      folder: packageFolder,
      environment: { INIT_CWD: folder.path },
    }).ended
    expect([code, out]).toEqual([1, expect.stringContaining(folder.path)])
  })

  test('elsewhere INIT_CWD, which other package scripts leave behind, means nothing', async () => {
    writeFileSync(folder.file('here.gguf'), '')
    const { out } = await run(['validate', 'here.gguf', '--json'], { INIT_CWD: '/' })
    expect(JSON.parse(out)).toMatchObject({ file: 'here.gguf', valid: false })
  })

  test('no colour where nobody sees it', async () => {
    expect((await run(['inspect', './none'])).err).not.toContain('\u001b')
  })
})

test('the prompt comes from stdin, the answer alone goes to stdout', async () => {
  await run(['convert', EXAMPLE, '--quant', 'q8_0', '-o', 'm.gguf', '--quiet'])
  expect(existsSync(folder.file('m.gguf'))).toBe(true)
  const { code, out, err } = await run(['run', 'm.gguf', '--no-chat', '--greedy', '--max-tokens', '8', '--quiet'], {}, 'ROMEO:\n')
  expect([code, err]).toEqual([0, ''])
  expect(out.trim().length).toBeGreaterThan(3)
  expect(readdirSync(folder.path).filter((name) => name.includes('partial'))).toEqual([])
})

test('the engine tells its makers nothing: on Linux onnxruntime would number the machine and keep what it sends below ~/.cache', async () => {
  const { code } = await run(['run', EXAMPLE, 'ROMEO:', '--no-chat', '--max-tokens', '2'], { HOME: folder.path })
  expect([code, readdirSync(folder.path)]).toEqual([0, []])
}, 60_000)
