import type { DecoderSpec } from '@fs/arch'
import { beforeAll, describe, expect, test } from 'vitest'
import { asText, greedyText, smallBundle } from '../test-support/bundle.test-support.ts'
import { randomWeights } from '../test-support/random-weights.test-support.ts'
import { SMALL_DECODERS } from '../test-support/small-specs.test-support.ts'
import { loadLiteRtLm } from './node/load-litert-lm.ts'
import { type LiteRtLmModel, openLiteRtLmModel } from './open-litert-lm-model.ts'

const spec = SMALL_DECODERS.plain as DecoderSpec
const weights = randomWeights(spec)
const PROMPT = [7, 3, 41, 12, 9]

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const part of parts) text += part
  return text
}

describe('the LiteRT-LM engine', () => {
  let bundle: Blob
  let model: LiteRtLmModel
  beforeAll(async () => {
    bundle = await smallBundle(spec, weights, 0)
    model = await openLiteRtLmModel(await loadLiteRtLm(), { bundle, name: 'small.litertlm' })
  })

  test('writes what the description means', async () => {
    expect(model.contextLength).toBe(spec.contextLength)
    const expected = greedyText(spec, weights, PROMPT, 12)
    expect(await model.complete(asText(PROMPT), { maxTokens: 12 })).toBe(expected)
    expect(await model.complete(asText(PROMPT), { maxTokens: 3, sampler: 'greedy' })).toBe(greedyText(spec, weights, PROMPT, 3))
  })

  test('a seed repeats what was drawn', async () => {
    const draw = (seed: number) => model.complete(asText(PROMPT), { maxTokens: 16, sampler: { temperature: 2, topK: 48, topP: 1, seed } })
    const first = await draw(1)
    expect(await draw(1)).toBe(first)
    expect(new Set([first, await draw(2), await draw(3)]).size).toBeGreaterThan(1)
  })

  test('answers the whole chat, as it is written', async () => {
    const chat = [
      { role: 'system', content: asText([7, 3]) },
      { role: 'user', content: asText([41]) },
      { role: 'assistant', content: asText([12]) },
      { role: 'user', content: asText([9]) },
    ] as const
    const parts: string[] = []
    for await (const part of model.answer(chat, { maxTokens: 5 })) parts.push(part)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.join('')).toBe(greedyText(spec, weights, PROMPT, 5))
    for await (const _ of model.answer(chat, { maxTokens: 40 })) break
    expect(await textOf(model.answer(chat, { maxTokens: 1 }))).toBe(greedyText(spec, weights, PROMPT, 1))
  })

  test('a prompt that does not fit is refused, and the next one is answered', async () => {
    await expect(model.complete(asText(Array(80).fill(5)))).rejects.toMatchObject({
      code: 'runtime/context-overflow',
      message: expect.stringContaining('small.litertlm'),
    })
    expect(await model.complete(asText(PROMPT), { maxTokens: 1 })).toBe(greedyText(spec, weights, PROMPT, 1))
  })

  test('says why a file cannot be loaded, and that a model is closed', async () => {
    const library = await loadLiteRtLm()
    const cut = bundle.slice(0, 40_000)
    for (const file of [new Blob(['nonsense']), cut])
      await expect(openLiteRtLmModel(library, { bundle: file, name: 'bad.litertlm' })).rejects.toMatchObject({
        code: 'runtime/session-failed',
        message: expect.stringContaining('bad.litertlm'),
      })
    const second = await openLiteRtLmModel(library, { bundle, name: 'small.litertlm', contextLength: 32 })
    expect(second.contextLength).toBe(32)
    await second.dispose()
    await second.dispose()
    await expect(second.complete('<1>')).rejects.toMatchObject({ code: 'runtime/disposed' })
  })
})
