// The real llama.cpp loads what we convert and computes what transformers computed: greedy tokens and next-token distributions
// of every reference prompt, and a story from real small models.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openModel } from '@fs/convert'
import { executePlan } from '@fs/convert/node'
import { planGguf } from '@fs/convert/plan'
import { openPath } from '@fs/formats/node'
import { afterAll, describe, expect, test } from 'vitest'
import { divergence, loadLlamaCpp } from './llama-cpp.test-support.ts'
import { absent, referenceModels } from './reference-models.test-support.ts'

const folder = mkdtempSync(join(tmpdir(), 'llama-cpp-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Prompt = { readonly text: string; readonly ids: readonly number[]; readonly greedy: readonly number[] }

async function convert(path: string, quant: string): Promise<string> {
  const checkpoint = await openPath(path)
  const { plan, outputs } = await planGguf(await openModel(checkpoint), {
    quants: [quant],
    pathFor: (type) => join(folder, `${checkpoint.name}-${type}.gguf`),
  })
  await executePlan(plan, { threads: 1, existing: 'replace' })
  await checkpoint.close()
  return outputs[0]!.paths[0]!
}

if (absent !== undefined) test.skip(`llama.cpp on the reference checkpoints: ${absent}`, () => undefined)

const decoders = referenceModels().filter((model) => model.name !== 'bert')

describe.each(decoders.map((model) => [model.name, model] as const))('%s in llama.cpp', (_, model) => {
  test('continues every prompt as transformers does, from the same distribution', async () => {
    const { prompts } = JSON.parse(readFileSync(join(model.path, 'reference.json'), 'utf8')) as { prompts: readonly Prompt[] }
    const logits = new Float32Array(Uint8Array.from(readFileSync(join(model.path, 'reference.logits.f32'))).buffer)
    const width = logits.length / prompts.length
    const loaded = await loadLlamaCpp(await convert(model.path, 'f32'))
    for (const [index, prompt] of prompts.entries()) {
      expect(divergence(logits.subarray(index * width, (index + 1) * width), await loaded.logits(prompt.ids)), prompt.text).toBeLessThan(
        1e-4,
      )
      const greedy = await loaded.greedy(prompt.ids, prompt.greedy.length)

      expect(greedy, prompt.text).toEqual(prompt.greedy)
    }
    await loaded.close()
  }, 120_000)
})

const real = fileURLToPath(new URL('../../../../shared/realdata/', import.meta.url))

describe.skipIf(!existsSync(real))('real small models in llama.cpp', () => {
  test.each(['stories260k-hf', 'tinystories-656k-hf'])(
    '%s tells a story',
    async (name) => {
      const loaded = await loadLlamaCpp(await convert(join(real, name), 'f32'))
      const text = loaded.detokenize(await loaded.greedy(loaded.tokenize('Once upon a time'), 60))
      // A wrong tensor makes noise: no words at all, or the same one over and over.
      const words = text.toLowerCase().match(/[a-z]+/g) ?? []
      const common = new Set([
        'the',
        'a',
        'and',
        'to',
        'was',
        'he',
        'she',
        'it',
        'day',
        'one',
        'saw',
        'said',
        'in',
        'her',
        'his',
        'they',
        'play',
        'named',
        'there',
        'little',
      ])
      expect(words.filter((word) => common.has(word)).length, text).toBeGreaterThan(8)
      expect(new Set(words).size, text).toBeGreaterThan(15)
      await loaded.close()
    },
    60_000,
  )
})
