import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openOutput, outputFile, writeOutput } from './output-file.ts'
import { EXAMPLE, tell, terminalIn, useFolder } from './test-support/terminal.test-support.ts'

const folder = useFolder()
const place = (name: string, options = {}) => outputFile(name, options, terminalIn(folder.path).terminal)

describe('a place for a file', () => {
  test('a file that is there stays, and the sentence says what to do', () => {
    writeFileSync(folder.file('page.html'), 'mine')
    expect(() => place('page.html')).toThrow(
      expect.objectContaining({
        code: 'cli/output-exists',
        message: 'page.html exists already; choose another name or overwrite it with --force',
      }),
    )
    writeOutput(place('page.html', { force: true }), 'new')
    expect(readFileSync(folder.file('page.html'), 'utf8')).toBe('new')
  })

  test('a folder, a device or a place below a file is none, even with --force', () => {
    mkdirSync(folder.file('reports'))
    writeFileSync(folder.file('file'), '')
    for (const name of ['reports', '/dev/null', 'file/page.html'])
      expect(() => place(name, { force: true })).toThrow(expect.objectContaining({ code: 'cli/output-unwritable' }))
  })

  test('folders on the way are made when it is written', () => {
    const file = place('a/b/page.html')
    expect(readdirSync(folder.path)).toEqual([])
    writeOutput(file, 'text')
    expect(readFileSync(folder.file('a/b/page.html'), 'utf8')).toBe('text')
  })

  test('what is given up leaves nothing', () => {
    const file = openOutput(place('page.html'))
    file.write(new Uint8Array(8))
    expect(readdirSync(folder.path)).toEqual(['page.html.partial'])
    file.abandon()
    expect(readdirSync(folder.path)).toEqual([])
  })

  test('what cannot get its name leaves nothing either', () => {
    const file = openOutput(place('page.html'))
    mkdirSync(folder.file('page.html'))
    expect(() => file.finish()).toThrow(expect.objectContaining({ code: 'cli/output-unwritable' }))
    file.abandon()
    expect(readdirSync(folder.path)).toEqual(['page.html'])
  })
})

test('every command refuses to overwrite before it computes', async () => {
  for (const name of ['page.html', 'model.kld', 'card.md', 'imatrix.gguf']) writeFileSync(folder.file(name), 'mine')
  const text = join(EXAMPLE, 'README.md')
  const commands = [
    ['verify', EXAMPLE, '--reference', EXAMPLE, '--report', 'page.html'],
    ['perplexity', EXAMPLE, '--text', text, '--report', 'page.html'],
    ['perplexity', EXAMPLE, '--text', text, '--save-logits', 'model.kld'],
    ['kl-divergence', EXAMPLE, '--base', 'none.kld', '--report', 'page.html'],
    ['imatrix', EXAMPLE, '--text', text],
    ['convert', EXAMPLE, '--quant', 'q8_0', '--report', 'page.html'],
  ]
  for (const command of commands)
    expect([command[0], await tell(folder.path, command)]).toMatchObject([
      command[0],
      { code: 1, out: '', err: expect.stringMatching(/exists already/) },
    ])
  for (const name of readdirSync(folder.path)) expect(readFileSync(folder.file(name), 'utf8')).toBe('mine')
})

test('logits are written whole, and once', async () => {
  const ask = (...more: readonly string[]) => tell(folder.path, ['logits', EXAMPLE, '--prompt', 'ROMEO:', ...more])
  expect((await ask()).code).toBe(0)
  expect(await ask()).toMatchObject({ code: 1, err: expect.stringMatching(/exists already/) })
  expect((await ask('--force')).code).toBe(0)
  expect(await ask('-o', 'data/fartsovka-shakespeare-llama.bin')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/cannot be written: not a directory/),
  })
  expect(readdirSync(folder.file('data')).filter((name) => name.includes('partial'))).toEqual([])
}, 60_000)
