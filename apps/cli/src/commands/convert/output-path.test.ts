import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openPath } from '@fs/formats/node'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, terminalIn, useFolder } from '../../test-support/terminal.test-support.ts'
import { withoutAliases } from './aliases.ts'
import { outputPaths } from './output-path.ts'

const folder = useFolder()

async function pathsOf(output: string | undefined, types: readonly string[], model = EXAMPLE) {
  const checkpoint = await openPath(model)
  await checkpoint.close()
  const { terminal } = terminalIn(folder.path)
  const pathFor = outputPaths({ checkpoint, label: model }, types, output === undefined ? {} : { output }, terminal)
  return types.map(pathFor)
}

describe('outputPaths', () => {
  test.each([
    ['nothing', undefined, 'shakespeare-llama-Q4_0.gguf'],
    ['a folder that is there', 'there', 'there/shakespeare-llama-Q4_0.gguf'],
    ['a folder that is there and looks like a file', 'folder.gguf', 'folder.gguf/shakespeare-llama-Q4_0.gguf'],
    ['a folder to be made', 'new/deeper', 'new/deeper/shakespeare-llama-Q4_0.gguf'],
    ['a folder with its slash', 'new.gguf/', 'new.gguf/shakespeare-llama-Q4_0.gguf'],
    ['a file', 'model.gguf', 'model.gguf'],
    ['a file elsewhere', '../model.GGUF', '../model.GGUF'],
    ['a name with the type', 'm-{FTYPE}.gguf', 'm-Q4_0.gguf'],
    ['the same in small letters', 'm.{ftype}.gguf', 'm.q4_0.gguf'],
    ['as older converters wrote it', 'm-{OUTTYPE}.gguf', 'm-Q4_0.gguf'],
  ])('%s', async (_case, output, expected) => {
    mkdirSync(folder.file('there'))
    mkdirSync(folder.file('folder.gguf'))
    expect(await pathsOf(output, ['Q4_0'])).toEqual([join(folder.path, expected)])
  })

  test('several types need several names', async () => {
    await expect(pathsOf('model.gguf', ['Q4_0', 'Q8_0'])).rejects.toMatchObject({
      code: 'cli/usage',
      message: expect.stringContaining('{FTYPE}'),
    })
    expect(await pathsOf('m-{FTYPE}.gguf', ['Q4_0', 'Q8_0'])).toEqual([folder.file('m-Q4_0.gguf'), folder.file('m-Q8_0.gguf')])
  })
})

describe('withoutAliases', () => {
  test.each([
    [
      ['--model', 'org/name', '--quantize', 'q8_0', '--output-dir', 'out'],
      ['org/name', '--quant', 'q8_0', '--output', 'out'],
    ],
    [
      ['--model=org/name', '--outtype=q8_0', '--outfile=m.gguf'],
      ['org/name', '--quant=q8_0', '--output=m.gguf'],
    ],
    [
      ['a', '--model-name', 'A'],
      ['a', '--name', 'A'],
    ],
    [
      ['--', '--outfile'],
      ['--', '--outfile'],
    ],
  ])('%j', (typed, meant) => {
    expect(withoutAliases(['convert', ...typed])).toEqual(['convert', ...meant])
    expect(withoutAliases(['inspect', ...typed])).toEqual(['inspect', ...typed])
  })
})
