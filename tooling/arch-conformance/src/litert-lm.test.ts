// Google's own engine runs what we convert: the same greedy tokens as transformers, and the prompts of the models' own chat templates.
// The CPU engine, as WebAssembly. Reference checkpoints lie beside this repository; without them these tests skip.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { DecoderSpec } from '@fs/arch'
import { compileTemplate, renderText } from '@fs/chat-format'
import { modelWeights, type OpenedModel, openModel } from '@fs/convert'
import { planLitertlm } from '@fs/convert/litertlm'
import { openPath } from '@fs/formats/node'
import { openLanguageModel } from '@fs/runtime'
import type { ChatMessage } from '@fs/runtime/litert-lm'
import { nodeBackend } from '@fs/runtime/node'
import { describe, expect, test } from 'vitest'
import { asIds, asText, openConverted, openNumbered, openPrompts, openWithTexts } from './litert-lm.test-support.ts'
import { absent } from './reference-models.test-support.ts'

const fixtures = fileURLToPath(new URL('../../../../shared/fixtures/', import.meta.url))
const json = (path: string) => JSON.parse(readFileSync(`${fixtures}${path}`, 'utf8'))

type Reference = { readonly prompts: readonly { readonly ids: readonly number[]; readonly greedy: readonly number[] }[] }

describe.skipIf(absent)('greedy tokens are those of transformers, up to the first end', () => {
  test.each(['qwen2.5', 'qwen3', 'gemma-3', 'llama-3.2', 'mistral', 'phi-3'])('%s', async (name) => {
    const { prompts }: Reference = json(`models/${name}/reference.json`)
    const ends: readonly number[] = [json(`models/${name}/generation_config.json`).eos_token_id].flat()
    const opened = await openNumbered(`${fixtures}models/${name}`)
    const model = await openConverted(opened, { start_token: null, stop_tokens: [...ends] })
    for (const { ids, greedy } of prompts) {
      const end = greedy.findIndex((id) => ends.includes(id))
      const written = asIds(await model.complete(asText(ids), { maxTokens: greedy.length, sampler: 'greedy' }))
      expect(written).toEqual(end < 0 ? greedy : greedy.slice(0, end))
    }
    await model.dispose()
    await opened.checkpoint.close()
  })
})

/** Short, longer than the shortest prefill, and in several of them. */
const PROMPTS = [[300], [301, 40, 7, 99], Array.from({ length: 70 }, (_, index) => 200 + ((index * 37) % 700))]

describe.skipIf(absent)('greedy tokens of trained models are those of our own runtime', () => {
  test.each(['llama', 'qwen3', 'gemma3'])('%s', async (name) => {
    const opened = await openNumbered(`${fixtures}trained/${name}`)
    const ends = [1]
    const model = await openConverted(opened, { start_token: null, stop_tokens: ends })
    const { spec } = opened.description
    const own = await openLanguageModel({
      spec: spec as DecoderSpec,
      weights: modelWeights(opened),
      backend: nodeBackend({ threads: 1 }),
      arithmetic: 'exact',
      contextLength: 128,
    })
    for (const prompt of PROMPTS) {
      const sequence = own.createSequence()
      let logits = await own.prefill({ sequence, tokens: prompt }, 'last')
      const expected: number[] = []
      for (let next = likeliest(logits); expected.length < 24 && !ends.includes(next); next = likeliest(logits)) {
        expected.push(next)
        logits = (await own.step([{ sequence, tokens: [next] }]))[0]!
      }
      sequence.dispose()
      expect(asIds(await model.complete(asText(prompt), { maxTokens: 24, sampler: 'greedy' }))).toEqual(expected)
    }
    await own.dispose()
    await model.dispose()
    await opened.checkpoint.close()
  })
})

const likeliest = (logits: Float32Array): number => logits.indexOf(logits.reduce((most, value) => Math.max(most, value)))

const CHATS: readonly (readonly ChatMessage[])[] = [
  [{ role: 'user', content: 'Say "x"\n twice, {{ and }} \\n' }],
  [
    { role: 'user', content: ' a ' },
    { role: 'assistant', content: 'it\'s\n"b"\n' },
    { role: 'user', content: 'c' },
    { role: 'assistant', content: '<think>\nhm\n</think>\n\nd' },
    { role: 'user', content: 'Tell me.\n' },
  ],
]
const SYSTEM: ChatMessage = { role: 'system', content: ' Be "terse".\n' }

/** A file as the model's makers published it. */
const publishedText = (name: string, file: string): string =>
  gunzipSync(readFileSync(`${fixtures}../realdata/tokenizers/${name}/${file}.gz`)).toString()

const published = (name: string): string => JSON.parse(publishedText(name, 'tokenizer_config.json')).chat_template

/** The engine tells the date by Greenwich. */
const today = () => new Date(Date.now() + new Date().getTimezoneOffset() * 60_000)

function rendered(template: string, messages: readonly ChatMessage[], bos: string): string | undefined {
  try {
    return renderText(compileTemplate(template), { messages, specialTokens: { bos_token: bos }, now: today() }).slice(bos.length)
  } catch {
    return undefined
  }
}

async function expectPrompts(opened: OpenedModel, template: string, bos: string): Promise<void> {
  const { promptOf, dispose } = await openPrompts(opened)
  for (const messages of [...CHATS, ...CHATS.map((chat) => [SYSTEM, ...chat])])
    expect(await promptOf(messages)).toBe(rendered(template, messages, bos) ?? 'System role not supported')
  await dispose()
  await opened.checkpoint.close()
}

describe.skipIf(absent)('prompts of chats are those of @fs/chat-format, but for the start token, which the engine adds', () => {
  test.each([
    ['qwen3', ''],
    ['qwen2.5', ''],
    ['llama-3.2', '<|begin_of_text|>'],
    ['gemma-3', '<bos>'],
  ])('%s', async (name, bos) => {
    const path = `${fixtures}models/${name}`
    await expectPrompts(await openModel(await openPath(path)), readFileSync(`${path}/chat_template.jinja`, 'utf8'), bos)
  })

  test.each(['qwen3', 'qwen2_5', 'llama3_2', 'gemma3'])('the published template of %s', async (name) => {
    const template = published(name)
    await expectPrompts(await openNumbered(`${fixtures}models/qwen3`, template), template, '')
  })
})

describe.skipIf(absent)('settings, with the tokenizers of the published models', () => {
  const qwen = {
    user: { prefix: '<|im_start|>user\n', suffix: '<|im_end|>\n' },
    model: { prefix: '<|im_start|>assistant\n', suffix: '<|im_end|>\n' },
  }
  test.each([
    // The values of the reference conversions' metadata.
    [
      'qwen3',
      'qwen3',
      {
        stopTokens: [{ ids: [151645] }],
        promptTemplates: qwen,
        sampler: { type: 'top-p', k: 20, p: 0.95, temperature: 0.6, seed: 0 },
        modelType: 'qwen3',
      },
    ],
    [
      'gemma-3',
      'gemma3',
      {
        startToken: { ids: [2] },
        stopTokens: [{ ids: [1] }, { ids: [106] }],
        promptTemplates: {
          user: { prefix: '<start_of_turn>user\n', suffix: '<end_of_turn>\n' },
          model: { prefix: '<start_of_turn>model\n', suffix: '<end_of_turn>\n' },
        },
        sampler: { type: 'top-p', k: 1, p: 0.95, temperature: 1, seed: 0 },
        modelType: 'gemma3',
      },
    ],
    [
      'llama-3.2',
      'llama3_2',
      {
        startToken: { ids: [128000] },
        stopTokens: [{ ids: [128001] }, { ids: [128008] }, { ids: [128009] }],
        modelType: 'generic',
      },
    ],
  ])('%s', async (fixture, name, expected) => {
    const files = ['tokenizer.json', 'tokenizer_config.json']
    const opened = await openWithTexts(
      `${fixtures}models/${fixture}`,
      Object.fromEntries(files.map((file) => [file, publishedText(name, file)])),
    )
    // The fixture's own ids are those of another vocabulary.
    const { config, folder } = opened.checkpoint
    const without = new Map([...folder.files].filter(([file]) => file !== 'generation_config.json'))
    const model = {
      ...opened,
      checkpoint: {
        ...opened.checkpoint,
        config: Object.fromEntries(Object.entries(config!).filter(([key]) => !key.endsWith('_token_id'))),
        folder: { ...folder, files: without },
      },
    }
    const { metadata } = await planLitertlm(model, { quantization: 'none', prefillLengths: [8] })
    expect(metadata).toMatchObject(expected)
    expect(metadata.startToken).toEqual('startToken' in expected ? expected.startToken : undefined)
    expect(JSON.stringify(metadata.promptTemplates)).not.toContain('2001')
    await opened.checkpoint.close()
  })
})
