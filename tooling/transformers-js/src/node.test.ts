// transformers.js itself, in Node, loads the folders `convert --to onnx` writes and gives what transformers gave for the checkpoints.
import { join } from 'node:path'
import { openExportedModel } from '@fs/runtime'
import { nodeBackend } from '@fs/runtime/node'
import { AutoModelForCausalLM, env, pipeline, Tensor } from '@huggingface/transformers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLE, exportFolder, fixture, noFixtures, reference, referenceRows } from './exported.test-support.ts'

const folder = exportFolder()

beforeAll(() => {
  env.allowRemoteModels = false
  env.localModelPath = `${folder.root}/`
})
afterAll(() => folder.remove())

const OPTIONS = { local_files_only: true, device: 'cpu', session_options: { intraOpNumThreads: 1, logSeverityLevel: 3 } } as const

/** The tokens the library writes after a prompt, the likeliest each time. */
async function generate(model: Awaited<ReturnType<typeof AutoModelForCausalLM.from_pretrained>>, ids: readonly number[], count: number) {
  const dims = [1, ids.length]
  const output = await model.generate({
    inputs: new Tensor('int64', BigInt64Array.from(ids, BigInt), dims),
    attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
    max_new_tokens: count,
    do_sample: false,
    // References go on past the end of a text.
    eos_token_id: null,
  } as unknown as Parameters<typeof model.generate>[0])
  return Array.from((output as Tensor).data as BigInt64Array, Number).slice(ids.length)
}

describe.skipIf(noFixtures !== undefined).each(['llama-3.2', 'qwen3', 'gemma-3'])('%s', (name) => {
  test('writes the 16 tokens of the reference for every prompt', async () => {
    const model = await AutoModelForCausalLM.from_pretrained(await folder.write(fixture(name), { quants: ['f32'] }), OPTIONS)
    for (const { ids, greedy } of reference(name).prompts) expect(await generate(model, ids, greedy.length)).toEqual(greedy)
    await model.dispose()
  })
})

test.skipIf(noFixtures !== undefined)('bert: feature extraction gives the reference’s mean of the last hidden state', async () => {
  const extract = await pipeline('feature-extraction', await folder.write(fixture('bert'), { quants: ['f32'] }), OPTIONS)
  const { prompts } = reference('bert')
  for (const [index, row] of referenceRows('bert', prompts.length).entries()) {
    const { data } = await extract(prompts[index]!.text, { pooling: 'mean' })
    const values = data as Float32Array
    const error = row.reduce((sum, value, place) => sum + (value - values[place]!) ** 2, 0)
    expect(error / row.reduce((sum, value) => sum + value ** 2, 0)).toBeLessThan(1e-9)
  }
  await extract.dispose()
})

describe('the example of this repository', () => {
  test.each([
    ['q4_0', 'q4'],
    ['f16', 'fp16'],
    ['q8_0', 'q8'],
  ] as const)('in %s is found as %s, and writes what our runtime makes of the same file', async (quant, dtype) => {
    const name = await folder.write(EXAMPLE, { quants: [quant] })
    // No dtype is named: config.json says which file there is.
    const model = await AutoModelForCausalLM.from_pretrained(name, OPTIONS)
    const suffix = { q4: '_q4', fp16: '_fp16', q8: '_quantized' }[dtype]
    const ours = await openExportedModel({
      model: join(folder.root, name, `onnx/model${suffix}.onnx`),
      backend: nodeBackend({ threads: 1 }),
      contextLength: 256,
      cache: 'in-place',
    })
    const prompt = [1, 40, 300, 77, 512]
    const tokens = [...prompt]
    const sequence = ours.createSequence()
    for (let count = 0; count < 12; count++) {
      const row = await ours.prefill({ sequence, tokens: count === 0 ? prompt : tokens.slice(-1) }, 'last')
      tokens.push(row.reduce((best, value, token) => (value > row[best]! ? token : best), 0))
    }
    expect(await generate(model, prompt, 12)).toEqual(tokens.slice(prompt.length))
    await ours.dispose()
    await model.dispose()
  })

  test('chats with its own tokenizer and template', async () => {
    const name = await folder.write(EXAMPLE, { quants: ['f32'] })
    const chat = await pipeline('text-generation', name, OPTIONS)
    const answer = await chat([{ role: 'user', content: 'Who is there?' }], { max_new_tokens: 8, do_sample: false })
    const [{ generated_text: messages }] = answer as unknown as [{ generated_text: { role: string; content: string }[] }]
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant'])
    expect(messages[1]!.content.length).toBeGreaterThan(4)
    await chat.dispose()
  })
})
