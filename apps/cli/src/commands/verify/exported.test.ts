// ONNX exports as candidates: run as they are, held against what they were made from.
import { writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()
const PROMPT = ['--prompt', 'First Citizen: Before we proceed any further, hear me speak.'] as const

beforeEach(async () => {
  const all = ['--to', 'onnx', '--quant', 'f32,f16,q4_0', '-o', 'out', '--no-verify', '--threads', '1']
  expect(await tell(folder.path, ['convert', EXAMPLE, ...all])).toMatchObject({ code: 0 })
})

const verify = (...parameters: string[]) => tell(folder.path, ['verify', ...parameters, '--threads', '1'])

describe('an export as the candidate', () => {
  test.each([
    ['out', 1e-6],
    ['out/onnx/model_fp16.onnx', 1e-4],
    ['out/onnx/model_q4.onnx', 1e-2],
  ])('%s may differ by %f', async (candidate, limit) => {
    const { code, out } = await verify(candidate, '--reference', EXAMPLE, ...PROMPT, '--json')
    const said = JSON.parse(out)
    expect([code, said.holds, said.maxNmse, said.measured]).toEqual([0, true, limit, 'logits'])
    expect(said.prompts[0].firstDifferentToken).toBeNull()
  })

  test('of another model does not hold', async () => {
    await tell(folder.path, ['convert', EXAMPLE, '--quant', 'q2_k', '-o', 'coarse.gguf', '--no-verify'])
    await tell(folder.path, ['convert', 'coarse.gguf', '--to', 'onnx', '-o', 'coarse', '--no-verify'])
    const { code, out } = await verify('coarse', '--reference', EXAMPLE, '--max-nmse', '1e-4', ...PROMPT)
    expect([code, out]).toEqual([3, expect.stringMatching(/does NOT compute[\s\S]*NMSE .* is above 1e-4/)])
  })
})

test.each([
  [['out', '--reference', EXAMPLE, '--engine', 'llama.cpp'], 'ONNX Runtime runs'],
  [['out', '--reference', EXAMPLE, '--embeddings'], 'gives logits only'],
  [[EXAMPLE, '--reference', 'out'], 'compare it as the candidate'],
])('what makes no sense is said: %j', async (parameters, words) => {
  expect(await verify(...parameters, ...PROMPT)).toMatchObject({ code: 2, err: expect.stringContaining(words) })
})

test('logits, perplexity and a chat take the folder too', async () => {
  expect(await tell(folder.path, ['logits', 'out', '--prompt', 'ROMEO:', '-o', 'data', '--json'])).toMatchObject({ code: 0 })
  expect(await verify('out', '--reference', 'data/fartsovka-out.bin')).toMatchObject({ code: 0 })
  writeFileSync(folder.file('text.txt'), 'First Citizen: Before we proceed any further, hear me speak. '.repeat(12))
  const measure = ['--text', 'text.txt', '--context', '64', '--chunks', '2', '--json', '--threads', '1']
  const perplexity = async (model: string) => JSON.parse((await tell(folder.path, ['perplexity', model, ...measure])).out).perplexity
  expect(await perplexity('out')).toBeCloseTo(await perplexity(EXAMPLE), 5)
  expect(await tell(folder.path, ['chat', 'out', '--greedy', '--max-tokens', '4'], { input: 'Who is there?' })).toMatchObject({ code: 0 })
})
