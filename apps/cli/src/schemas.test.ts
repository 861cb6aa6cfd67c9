// What commands print with --json is what docs/schema publishes, and a page with the same content is written beside it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeEach, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from './test-support/terminal.test-support.ts'

const folder = useFolder()
const schemaOf = (name: string) =>
  new Ajv2020({ allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(new URL(`../../../docs/schema/${name}.schema.json`, import.meta.url), 'utf8')),
  )

const TEXT = 'First Citizen: You are all resolved rather to die than to famish? All: Resolved, resolved. '.repeat(8)

beforeEach(() => {
  writeFileSync(folder.file('text.txt'), TEXT)
  writeFileSync(folder.file('tasks.csv'), '0,Come hither _ and speak.,Romeo,my lord,1\n')
})

const measured = ['--text', 'text.txt', '--context', '32', '--chunks', '2'] as const

async function answer(...parameters: string[]): Promise<unknown> {
  const { code, out } = await tell(folder.path, [...parameters, '--json', '--quiet', '--threads', '1'])
  expect(code).toBe(0)
  return JSON.parse(out)
}

function expectValid(name: string, value: unknown): void {
  const valid = schemaOf(name)
  valid(value)
  expect(valid.errors ?? []).toEqual([])
}

test('perplexity: of one model, of several, and of tasks', async () => {
  expectValid('perplexity', await answer('perplexity', EXAMPLE, ...measured, '--report', 'page.html'))
  expectValid('perplexity', await answer('perplexity', EXAMPLE, ...measured, '--stride', '8'))
  const several = await answer('perplexity', EXAMPLE, EXAMPLE, ...measured, '--report', 'several.html')
  expectValid('perplexity', several)
  expect(several).toMatchObject({ models: [{ model: EXAMPLE, size: expect.any(Number) }, { model: EXAMPLE }] })
  expect(readFileSync(folder.file('several.html'), 'utf8')).toContain('Perplexity against size')
  expectValid('tasks', await answer('perplexity', EXAMPLE, '--winogrande', 'tasks.csv'))
  expect(existsSync(folder.file('page.html'))).toBe(true)
})

test('what is about one model takes one', async () => {
  const several = ['perplexity', EXAMPLE, EXAMPLE, ...measured]
  expect(await tell(folder.path, [...several, '--save-logits', 'a.kld'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('name one'),
  })
  expect(await tell(folder.path, [...several, '--winogrande', 'tasks.csv'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('--winogrande is about one model'),
  })
})

test('kl-divergence', async () => {
  const told = await answer('kl-divergence', EXAMPLE, '--reference', EXAMPLE, ...measured, '--report', 'page.html')
  expectValid('kl-divergence', told)
  expect(told).toMatchObject({ divergence: { value: 0 }, running: [0, 0] })
  expect(existsSync(folder.file('page.html'))).toBe(true)
})

test('quantize --report, and release', async () => {
  await answer('convert', EXAMPLE, '--quant', 'f32', '-o', 'model.gguf', '--no-verify')
  const told = (await answer('quantize', 'model.gguf', '--quant', 'q4_0', '-o', 'small.gguf', '--report', 'page.html')) as {
    errors: unknown
  }
  expectValid('quantization-errors', told.errors)
  expectValid('release', await answer('release', EXAMPLE, '--quants', 'q8_0', ...measured, '-o', 'out'))
})
