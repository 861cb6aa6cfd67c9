// The rows of llama.cpp's model-conversion example as a person walks through them, and the page that says where each went.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from './test-support/terminal.test-support.ts'

const folder = useFolder()
const run = (...parameters: string[]) => tell(folder.path, [...parameters, '--threads', '1', '--quiet'])

describe('docs/model-conversion.md', () => {
  const page = new URL('../../../docs/model-conversion.md', import.meta.url)
  const rows = readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => /^\| M\d/.test(line))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| /, '')))

  test('has every row once, in order', () => {
    expect(rows.map(([id]) => id)).toEqual(Array.from({ length: 30 }, (_, index) => `M${index + 1}`))
  })

  test.each(rows.map((row) => [row[0], row] as const))('%s names a test that is there', (_id, [, , , held]) => {
    const targets = [...held!.matchAll(/\]\(([^)]+\.test\.ts)\)/g)].map(([, target]) => target!)
    expect(targets.length).toBeGreaterThan(0)
    expect(targets.filter((target) => !existsSync(new URL(target, page)))).toEqual([])
  })
})

test('M27: the prompt is the file’s, else the option’s, else the example’s own', async () => {
  writeFileSync(folder.file('prompt.txt'), 'From the file')
  const prompt = async (...more: string[]) => {
    await run('logits', EXAMPLE, '--force', ...more)
    return readFileSync(folder.file('data/fartsovka-shakespeare-llama-prompt.txt'), 'utf8').split('\n')[0]
  }
  expect(await prompt()).toBe('prompt: Hello, my name is')
  expect(await prompt('--prompt', 'From the option')).toBe('prompt: From the option')
  expect(await prompt('--prompt', 'From the option', '--prompt-file', 'prompt.txt')).toBe('prompt: From the file')
})

test('M11: Q4_0 keeps its embedding in six bits, and in eight where a model was trained for it', async () => {
  await run('convert', EXAMPLE, '--quant', 'f32', '-o', 'model.gguf', '--no-verify')
  const typeOfEmbedding = async (...more: string[]) => {
    await run('quantize', 'model.gguf', '--quant', 'Q4_0', '-o', 'small.gguf', '--force', ...more)
    const tensors: { readonly name: string; readonly type: string }[] = JSON.parse(
      (await run('inspect', 'small.gguf', '--tensors', '--json')).out,
    )
    return Object.fromEntries(tensors.map(({ name, type }) => [name, type]))
  }
  expect(await typeOfEmbedding()).toMatchObject({ 'token_embd.weight': 'Q6_K', 'blk.0.attn_q.weight': 'Q4_0' })
  expect(await typeOfEmbedding('--token-embedding-type', 'Q8_0', '--output-tensor-type', 'Q8_0')).toMatchObject({
    'token_embd.weight': 'Q8_0',
    'blk.0.attn_q.weight': 'Q4_0',
  })
})

test('M26: nothing is left but what was asked for', async () => {
  await run('convert', EXAMPLE, '--quant', 'q8_0', '-o', 'model.gguf')
  await run('verify', 'model.gguf', '--reference', EXAMPLE, '--prompt', 'ROMEO:')
  expect(readdirSync(folder.path)).toEqual(['model.gguf'])
})
