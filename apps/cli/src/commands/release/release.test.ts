import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()

const TEXT =
  'First Citizen: You are all resolved rather to die than to famish? All: Resolved, resolved. First Citizen: First, you know him. '.repeat(
    8,
  )

test('a release is a folder with files, pages and a card with figures; nothing else is touched', async () => {
  writeFileSync(folder.file('text.txt'), TEXT)
  const release = [
    'release',
    EXAMPLE,
    '--quants',
    'q4_0,q8_0',
    '--text',
    'text.txt',
    '--context',
    '64',
    '-o',
    'out',
    '--threads',
    '1',
    '--quiet',
  ]
  const { code, out } = await tell(folder.path, [...release, '--repository', 'someone/shakespeare-GGUF', '--license', 'mit'])
  expect(code).toBe(0)
  expect(readdirSync(folder.file('out')).sort()).toEqual([
    'README.md',
    'measured.html',
    ...['Q4_0', 'Q8_0'].flatMap((type) => [
      `shakespeare-llama-${type}.divergence.html`,
      `shakespeare-llama-${type}.gguf`,
      `shakespeare-llama-${type}.verification.html`,
    ]),
  ])
  const card = readFileSync(folder.file('out/README.md'), 'utf8')
  expect(card).toMatch(/^---\n[\s\S]*license: "mit"[\s\S]*llama-server -hf someone\/shakespeare-GGUF/)
  expect(card).toMatch(
    /\| shakespeare-llama-Q4_0\.gguf \| Q4_0 \| 0\.9 \| holds, NMSE \d\.\de-\d \| \d+\.\d{3} ± \d+\.\d{3} \| 0\.\d{5} \| \d+\.\d\d % \|/,
  )
  expect(readFileSync(folder.file('out/measured.html'), 'utf8')).toMatch(
    /All 2 hold[\s\S]*Perplexity against size[\s\S]*KL divergence against size/,
  )
  const inspected = await tell(folder.path, ['inspect', 'out/shakespeare-llama-Q4_0.gguf', '--metadata'])
  expect(inspected.out).toContain('fartsovka.verification.holds')
  expect(out).toContain('nothing was uploaded')
  expect(await tell(folder.path, release)).toMatchObject({ code: 1, err: expect.stringContaining('--force') })
})

test('one that was interrupted goes on where it was: what is written is checked and not made again', async () => {
  const release = ['release', EXAMPLE, '--quants', 'q4_0,q8_0', '-o', 'out', '--threads', '1']
  expect((await tell(folder.path, release)).code).toBe(0)
  rmSync(folder.file('out/README.md'))
  rmSync(folder.file('out/shakespeare-llama-Q8_0.gguf'))
  const { code, err } = await tell(folder.path, release)
  expect([code, err]).toEqual([0, expect.stringContaining('there already: 1 of 2 files\n')])
  expect(err).not.toContain('writing Q4_0')
  const card = readFileSync(folder.file('out/README.md'), 'utf8')
  expect(card).toMatch(/Q4_0\.gguf \| Q4_0 .*holds[\s\S]*Q8_0\.gguf \| Q8_0 .*holds/)
  // A file that is another's does not hold.
  rmSync(folder.file('out/README.md'))
  cpSync(folder.file('out/shakespeare-llama-Q4_0.gguf'), folder.file('out/shakespeare-llama-Q8_0.gguf'))
  truncateSync(folder.file('out/shakespeare-llama-Q8_0.gguf'), 1000)
  expect((await tell(folder.path, release)).code).not.toBe(0)
})

test('without a text there are checks only; types that do not exist cost no conversion', async () => {
  const { code, out } = await tell(folder.path, [
    'release',
    EXAMPLE,
    '--quants',
    'bf16',
    '-o',
    'out',
    '--threads',
    '1',
    '--quiet',
    '--json',
  ])
  expect(code).toBe(0)
  expect(JSON.parse(out).files).toMatchObject([{ type: 'BF16', holds: true, nmse: 0 }])
  expect(await tell(folder.path, ['release', EXAMPLE, '--quants', 'q9', '-o', 'other'])).toMatchObject({ code: 2 })
  expect(readdirSync(folder.path)).not.toContain('other')
})
