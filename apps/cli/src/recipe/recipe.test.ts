// Types by recipe file and by budget, and the report of what was lost, through the command line on the example model.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../test-support/terminal.test-support.ts'

const folder = useFolder()
const convert = (...options: readonly string[]) => tell(folder.path, ['convert', EXAMPLE, '--quiet', ...options])

let source = ''
beforeAll(async () => {
  source = mkdtempSync(join(tmpdir(), 'fartsovka-recipe-'))
  await tell(source, ['convert', EXAMPLE, '--quant', 'bf16', '-o', 'plain.gguf', '--quiet'])
})
afterAll(() => rmSync(source, { recursive: true, force: true }))
const quantize = (...options: readonly string[]) => tell(folder.path, ['quantize', join(source, 'plain.gguf'), ...options])
const typeOf = (dryRun: string, tensor: string) =>
  JSON.parse(dryRun).tensors.find(({ name }: { readonly name: string }) => name === tensor).to[0].type

describe('--recipe', () => {
  const recipe = { default: 'Q4_K_S', tensors: [{ pattern: 'attn_v', type: 'q8_0' }], tokenEmbeddingType: 'Q5_K' }

  test('gives the default and the types of its patterns', async () => {
    writeFileSync(folder.file('recipe.json'), JSON.stringify(recipe))
    const { code, out } = await convert('--recipe', 'recipe.json', '--dry-run', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out).outputs[0].type).toBe('Q4_K_S')
    const types = ['blk.0.attn_v.weight', 'blk.0.attn_q.weight', 'token_embd.weight'].map((name) => typeOf(out, name))
    expect(types).toEqual(['Q8_0', 'Q4_K', 'Q5_K'])
  })

  test('options win over it', async () => {
    writeFileSync(folder.file('recipe.json'), JSON.stringify(recipe))
    const { out } = await convert('--recipe', 'recipe.json', '--quant', 'q6_k', '--tensor-type', 'attn_v=q5_k', '--dry-run', '--json')
    expect(JSON.parse(out).outputs[0].type).toBe('Q6_K')
    expect(typeOf(out, 'blk.0.attn_v.weight')).toBe('Q5_K')
  })

  test('what is none is refused by name', async () => {
    writeFileSync(folder.file('recipe.json'), '{"default":"Q4_0","tensor":[]}')
    expect(await convert('--recipe', 'recipe.json', '--dry-run')).toMatchObject({
      code: 1,
      err: expect.stringContaining("recipe.json is no recipe: 'tensor'"),
    })
    expect(await convert('--recipe', 'none.json', '--dry-run')).toMatchObject({
      err: expect.stringContaining('--recipe none.json cannot be read'),
    })
  })
})

describe('a budget', () => {
  test('--fit writes a file of at most that size, named after it, and tells what was chosen and why', async () => {
    const { code, err } = await quantize('--fit', '900kB')
    expect(code).toBe(0)
    const { size } = statSync(folder.file('plain-900kB.gguf'))
    expect(size).toBeLessThanOrEqual(900_000)
    expect(size).toBeGreaterThan(800_000)
    expect(err).toMatch(/token_embd\.weight +\S+ .*%\/MB/)
    expect(err).toContain('bits a weight')
  })

  test('quantize gives the same bytes as converting at once, and the recipe of --json gives them again without measuring', async () => {
    await convert('--bits', '4.5', '-o', 'once.gguf')
    const { out } = await quantize('--bits', '4.5', '-o', 'budget.gguf', '--json')
    const { budget } = JSON.parse(out)
    expect(budget.bitsPerWeight).toBeLessThanOrEqual(4.5)
    writeFileSync(folder.file('recipe.json'), JSON.stringify(budget.recipe))
    await quantize('--recipe', 'recipe.json', '-o', 'recipe.gguf')
    const bytes = (name: string) => readFileSync(folder.file(name))
    expect(bytes('recipe.gguf').equals(bytes('budget.gguf'))).toBe(true)
    expect(bytes('once.gguf').equals(bytes('budget.gguf'))).toBe(true)
  })

  test.each([
    [['--fit', '1MB', '--bits', '4'], 'both set the size'],
    [['--fit', '1MB', '--quant', 'q4_0'], '--quant q4_0 has no meaning beside it'],
    [['--bits', '4', '--vocab-only'], 'no tensors to choose types for'],
    [['--bits', '0'], 'a number of bits'],
    [['--bits', 'four'], 'a number of bits'],
    [['--fit', 'large'], 'a size like'],
    [['--fit', '10kB'], 'and 10000 were allowed'],
  ])('%j is refused', async (options, sentence) => {
    const { code, err } = await convert(...options)
    expect(code).not.toBe(0)
    expect(err).toContain(sentence)
  })

  test('quantize needs to be told something', async () => {
    expect(await quantize()).toMatchObject({ err: expect.stringContaining('nothing says which type') })
  })
})

describe('--report', () => {
  test('writes a page, and the same figures with --json', async () => {
    const { code, out } = await quantize('--quant', 'q4_k_m', '--report', 'lost.html', '--json')
    expect(code).toBe(0)
    const { errors } = JSON.parse(out)
    const embedding = errors.tensors.find(({ name }: { readonly name: string }) => name === 'token_embd.weight')
    expect(embedding.error.histogram.counts.reduce((sum: number, count: number) => sum + count, 0)).toBe(embedding.error.elements)
    expect(embedding.error.relativeError).toBeGreaterThan(0.001)
    expect(embedding.error.relativeError).toBeLessThan(0.1)
    const page = readFileSync(folder.file('lost.html'), 'utf8')
    for (const { name, error } of errors.tensors) {
      expect(page).toContain(name)
      if (error.rmse > 0) expect(page).toContain(error.rmse.toExponential(2))
    }
  })

  test.each([
    [['--quant', 'q4_0', '--dry-run'], '--dry-run writes none'],
    [['--quant', 'q4_0,q8_0'], '2 types were asked for'],
  ])('%j is refused, and nothing is written', async (options, sentence) => {
    const { code, err } = await convert(...options, '--report', 'lost.html')
    expect(code).not.toBe(0)
    expect(err).toContain(sentence)
    expect(existsSync(folder.file('lost.html'))).toBe(false)
  })
})
