import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from './commands/index.ts'
import { runProgram } from './program.ts'
import { EXAMPLE, tell, terminalIn, useFolder } from './test-support/terminal.test-support.ts'

const folder = useFolder()

async function commandNames(...group: string[]): Promise<readonly string[]> {
  const { out } = await tell(folder.path, [...group, '--help'])
  const list = /^Commands:\n((?: {2}.*\n)*)/m.exec(out)?.[1] ?? ''
  return [...list.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map((match) => match[1]!).filter((name) => name !== 'help')
}

test('the program lists every command, under the name it is loaded by', async () => {
  expect(await commandNames()).toEqual(Object.keys(COMMANDS))
})

test('each command’s help has the common options and an example that calls it', async () => {
  for (const name of await commandNames()) {
    const { code, out, err } = await tell(folder.path, [name, '--help'])
    expect([code, err]).toEqual([0, ''])
    const members = await commandNames(name)
    for (const path of members.length === 0 ? [[name]] : members.map((member) => [name, member])) {
      const help = (await tell(folder.path, [...path, '--help'])).out
      // Of a group in a group only the group is looked at.
      if (!help.includes('\nCommands:\n')) expect(help).toMatch(new RegExp(`Examples?:\\n.*fartsovka ${path.join(' ')}`, 's'))
      for (const option of help.includes('\nCommands:\n') ? [] : ['--json', '--quiet', '--verbose', '--threads'])
        expect(help, path.join(' ')).toContain(option)
    }
    expect(out, name).toMatch(new RegExp(`Examples?:\\n.*fartsovka ${name}`, 's'))
  }
})

describe('a call that makes no sense', () => {
  test('no command: the help, on stderr', async () => {
    expect(await tell(folder.path, [])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Usage: fartsovka') })
  })

  test('help about no command', async () => {
    for (const command of [['nosuch'], ['hub', 'nosuch']])
      expect(await tell(folder.path, [...command, '--help'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining("'nosuch'") })
    expect(await tell(folder.path, ['hub', 'upload', '--help'])).toMatchObject({ code: 0, err: '' })
  })

  test('standard output as the place of a file', async () => {
    for (const command of [
      ['convert', EXAMPLE, '--quant', 'q4_0', '-o', '-'],
      ['convert', EXAMPLE, '--to', 'onnx', '-o', '-'],
      ['imatrix', EXAMPLE, '--text', 'x', '-o', '-'],
    ])
      expect(await tell(folder.path, command)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('instead of -') })
    expect(readdirSync(folder.path)).toEqual([])
  })

  test('a slip in a name is answered with the name that was meant', async () => {
    expect(await tell(folder.path, ['conver'])).toMatchObject({ code: 2, err: expect.stringContaining('convert') })
    expect(await tell(folder.path, ['convert', 'x', '--qant', 'q4_0'])).toMatchObject({ code: 2, err: expect.stringContaining('--quant') })
  })
})

test('--verbose adds where an error comes from, nothing else does', async () => {
  const short = await tell(folder.path, ['inspect', './none'])
  expect(short.err).toMatch(/^error: [^\n]+\n$/)
  const long = await tell(folder.path, ['inspect', './none', '--verbose'])
  expect(long.err).toMatch(/\n {4}at /)
})

test('--version', async () => {
  expect(await tell(folder.path, ['--version'])).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' })
})

test('what nobody foresaw is told as such, with a code of its own', async () => {
  const { terminal, written } = terminalIn(folder.path, {
    environment: new Proxy(
      {},
      {
        get: () => {
          throw new TypeError('the environment is gone')
        },
      },
    ),
  })
  expect(await runProgram(['convert', 'org/name', '--json'], terminal)).toBe(1)
  expect(JSON.parse(written.out).error).toEqual({ code: 'cli/bug', message: 'the environment is gone', details: {} })
  expect(written.err).toBe(
    'error: the environment is gone\nThis is not an error we foresaw; run again with --verbose and report what it prints.\n',
  )
})
