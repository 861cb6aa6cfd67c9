// perplexity, kl-divergence and imatrix on the example, as a person calls them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readImatrix } from '@fs/formats/imatrix'
import { fileSource } from '@fs/formats/node'
import { beforeEach, describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()
const run = (...parameters: string[]) => tell(folder.path, [...parameters, '--threads', '1'])

/** In the manner of what the example was trained on; long enough for six windows of 64 tokens. */
const TEXT = `Second Citizen: Would you proceed especially against the consul? All: Against him first: he is a very dog to the people.
Second Citizen: Consider you what services he has done for his country? First Citizen: Very well; and could be content to give him good report
for it, but that he pays himself with being proud. `.repeat(4)

beforeEach(() => writeFileSync(folder.file('text.txt'), `${TEXT}\n`))

const measured = ['--text', 'text.txt', '--context', '64'] as const

describe('perplexity', () => {
  test('ends with llama-perplexity’s line, and runs with its running line', async () => {
    const { code, out, err } = await run('perplexity', EXAMPLE, ...measured, '--chunks', '3')
    expect(code).toBe(0)
    expect(out).toMatch(/^Final estimate: PPL = \d+\.\d{4} \+\/- \d+\.\d{5}\n$/)
    expect(err).toMatch(/^\[1\]\d+\.\d{4},\[2\]\d+\.\d{4},\[3\]\d+\.\d{4},\n$/)
  })

  test('--stride, --json and --report', async () => {
    const { out } = await run('perplexity', EXAMPLE, ...measured, '--stride', '16', '--json', '--report', 'page.html')
    expect(JSON.parse(out)).toMatchObject({ context: 64, perplexity: expect.any(Number), scoredTokens: expect.any(Number) })
    expect(readFileSync(folder.file('page.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<svg /)
  })

  test('a text that is too short, or not there, is told in a sentence', async () => {
    writeFileSync(folder.file('short.txt'), 'To be')
    expect(await run('perplexity', EXAMPLE, '--text', 'short.txt')).toMatchObject({ code: 1, err: expect.stringContaining('needs 1024') })
    expect(await run('perplexity', EXAMPLE, '--text', 'none.txt')).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.txt cannot be read'),
    })
    expect(await run('perplexity', EXAMPLE)).toMatchObject({ code: 2, err: expect.stringContaining('--text FILE is missing') })
  })
})

describe('kl-divergence', () => {
  test('of a model from itself is exactly nothing, side by side', async () => {
    const { code, out } = await run('kl-divergence', EXAMPLE, '--reference', EXAMPLE, ...measured, '--quiet')
    expect(code).toBe(0)
    expect(out).toContain('Mean    KLD:   0.000000 ±   0.000000\nMaximum KLD:   0.000000\n')
    expect(out).toContain('Same top p: 100.000 ± 0.000 %')
  })

  test('from saved log-probabilities says the same as side by side', async () => {
    await run('convert', EXAMPLE, '--quant', 'q4_0', '-o', 'q4.gguf', '--quiet')
    await run('perplexity', EXAMPLE, ...measured, '--save-logits', 'base.kld', '--quiet')
    const [saved, streamed] = [
      await run('kl-divergence', 'q4.gguf', '--base', 'base.kld', '--json', '--quiet', '--report', 'page.html'),
      await run('kl-divergence', 'q4.gguf', '--reference', EXAMPLE, ...measured, '--json', '--quiet'),
    ].map(({ out }) => JSON.parse(out))
    expect(saved.divergence.value).toBeGreaterThan(1e-4)
    expect(Math.abs(saved.divergence.value / streamed.divergence.value - 1)).toBeLessThan(1e-3)
    expect(existsSync(folder.file('page.html'))).toBe(true)
  })

  test('needs one base, not two', async () => {
    expect(await run('kl-divergence', EXAMPLE)).toMatchObject({ code: 2 })
    expect(await run('kl-divergence', EXAMPLE, '--base', 'a.kld', '--reference', EXAMPLE)).toMatchObject({ code: 2 })
  })
})

describe('imatrix', () => {
  const read = async (name: string) => {
    const source = await fileSource(folder.file(name))
    const imatrix = await readImatrix(source)
    await source.close()
    return imatrix
  }

  test('writes a matrix that quantize takes, in either form', async () => {
    expect(await run('imatrix', EXAMPLE, ...measured, '-o', 'a.gguf')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^a\.gguf {2}14 tensors/),
    })
    await run('imatrix', EXAMPLE, ...measured, '-o', 'a.dat', '--output-format', 'dat')
    const [first, second] = [await read('a.gguf'), await read('a.dat')]
    expect([...first.entries.keys()]).toEqual([...second.entries.keys()])
    expect(first.datasets).toEqual(['text.txt'])
    expect(await run('convert', EXAMPLE, '--quant', 'iq3_s', '--imatrix', 'a.gguf', '-o', 'small.gguf', '--quiet')).toMatchObject({
      code: 0,
    })
  })

  test('two added together count twice, and an existing file stays', async () => {
    await run('imatrix', EXAMPLE, ...measured, '-o', 'a.gguf', '--quiet')
    expect(await run('imatrix', EXAMPLE, '--merge', 'a.gguf', '--merge', 'a.gguf', '-o', 'b.gguf', '--show-statistics')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^tensor +channels +mean/),
    })
    const [one, two] = [await read('a.gguf'), await read('b.gguf')]
    expect(two.chunkCount).toBe(2 * one.chunkCount)
    expect(await run('imatrix', EXAMPLE, ...measured, '-o', 'a.gguf')).toMatchObject({ code: 1, err: expect.stringContaining('--force') })
  })

  test('of nothing is refused', async () => {
    expect(await run('imatrix', EXAMPLE)).toMatchObject({ code: 2 })
  })
})
