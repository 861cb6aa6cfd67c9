import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memorySource } from '@fs/formats/bytes'
import { readContainer } from '@fs/litertlm/container'
import { readMetadata } from '@fs/litertlm/metadata'
import { unpackTokenizerJson } from '@fs/litertlm/tokenizer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { json, TOKENIZER_JSON, text, tinyGpt2, tinyLlama } from '../folder/tiny-models.test-support.ts'
import { writeLitertlm } from '../node/write-litertlm.ts'
import { type OpenedModel, openModel } from '../open-model.ts'
import { parseBundleOverrides } from './overrides.ts'
import { planLitertlm } from './plan-litertlm.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'litertlm-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const CHATML = text(
  "{% for m in messages %}{{ '#' + m.role + ' ' + m.content + '</s>' }}{% endfor %}{% if add_generation_prompt %}{{ '#assistant ' }}{% endif %}",
)

describe('a bundle', () => {
  test('is written as planned: metadata, tokenizer and graph in a container', async () => {
    const model = await openModel(await tinyLlama({ 'chat_template.jinja': CHATML, 'generation_config.json': json({ eos_token_id: 2 }) }))
    const plan = await planLitertlm(model, { quantization: 'none' })
    const path = join(folder, 'model.litertlm')
    const progress: number[] = []
    await writeLitertlm(model, plan, path, { onProgress: (written, total) => progress.push(written / total) })
    expect(readdirSync(folder)).toEqual(['model.litertlm'])
    expect(statSync(path).size).toBe(plan.size)
    expect(progress.at(-1)).toBeCloseTo(1, 1)
    const bytes = readFileSync(path)
    const { system, sections } = await readContainer(memorySource(bytes, path))
    expect(system).toEqual(new Map([['Authors', 'Fartsovka']]))
    expect(sections.map(({ type }) => type)).toEqual(['llm-metadata', 'huggingface-tokenizer', 'tflite-model'])
    const [metadata, tokenizer, graph] = sections.map(({ offset, size }) => bytes.subarray(offset, offset + size))
    expect(readMetadata(metadata!, path)).toEqual(plan.metadata)
    expect(await unpackTokenizerJson(tokenizer!, path)).toEqual(TOKENIZER_JSON)
    expect(new TextDecoder().decode(graph!.subarray(4, 8))).toBe('TFL3')
    expect(sections[2]!.items).toEqual(new Map([['model_type', 'tf_lite_prefill_decode']]))
  })

  test('says of the model what its files say', async () => {
    const settings = { eos_token_id: [2, 5], do_sample: true, temperature: 0.5, top_k: 7, top_p: 0.75, repetition_penalty: 1.5 }
    const model = await openModel(await tinyLlama({ 'chat_template.jinja': CHATML, 'generation_config.json': json(settings) }))
    const { metadata, notices } = await planLitertlm(model, { quantization: 'none' })
    expect(metadata).toMatchObject({
      stopTokens: [{ ids: [2] }, { ids: [5] }],
      sampler: { type: 'top-p', k: 7, p: 0.75, temperature: 0.5, seed: 0 },
      // No longer than the model.
      maxTokens: 64,
      modelType: 'generic',
      promptTemplates: {
        user: { prefix: '#user ', suffix: '</s>' },
        model: { prefix: '#assistant ', suffix: '</s>' },
      },
    })
    expect(notices.map(({ message }) => message)).toEqual(['a bundle has no place for the setting repetitionPenalty; it is left out'])
    const greedy = await planLitertlm(await openModel(await tinyLlama()), { quantization: 'none', cacheLength: 32, prefillLengths: [8] })
    expect(greedy.metadata).toEqual({
      stopTokens: [{ ids: [2] }],
      sampler: { type: 'top-p', k: 1, p: 1, temperature: 1, seed: 0 },
      maxTokens: 32,
      modelType: 'generic',
      channels: [],
    })
  })

  test('says what a person says instead', async () => {
    const overrides = parseBundleOverrides({
      start_token: 1,
      stop_tokens: [5],
      max_tokens: 16,
      model_type: 'gemma3',
      jinja_template: 'x',
      prompt_templates: { user: { prefix: 'U', suffix: '' } },
      sampler: { temperature: 2, k: 3 },
    })
    const { metadata } = await planLitertlm(await openModel(await tinyLlama()), { quantization: 'none', overrides })
    expect(metadata).toEqual({
      startToken: { ids: [1] },
      stopTokens: [{ ids: [5] }],
      maxTokens: 16,
      modelType: 'gemma3',
      jinjaTemplate: 'x',
      promptTemplates: { user: { prefix: 'U', suffix: '' } },
      sampler: { type: 'top-p', k: 3, p: 1, temperature: 2, seed: 0 },
      channels: [],
    })
    for (const wrong of [{ temperature: 1 }, { sampler: { k: -1 } }, { stop_tokens: 5 }, { model_type: 'gpt' }, [], null])
      expect(() => parseBundleOverrides(wrong)).toThrow(expect.objectContaining({ code: 'convert/bundle-metadata' }))
  })

  test('tells of lengths that are cut', async () => {
    const model = await openModel(await tinyLlama())
    const { metadata, notices } = await planLitertlm(model, { quantization: 'none', cacheLength: 100, prefillLengths: [8, 64, 128] })
    expect(metadata.maxTokens).toBe(64)
    expect(notices.map(({ message }) => message)).toEqual([
      'the model has 64 positions, so the cache is made for 64 tokens, not 100',
      'prefill lengths beyond the cache of 64 tokens are left out: 128',
    ])
    expect((await planLitertlm(model, { quantization: 'none', cacheLength: 1280 })).notices).toEqual([])
  })

  test('tells of a template that is no list of messages', async () => {
    const files = { 'chat_template.jinja': text('{{ messages | length }} messages') }
    const { metadata, notices } = await planLitertlm(await openModel(await tinyLlama(files)), { quantization: 'none' })
    expect(metadata.jinjaTemplate).toBeUndefined()
    expect(notices.map(({ message }) => message)).toEqual([expect.stringContaining('holds no chats')])
  })
})

describe('what cannot be a bundle is refused before anything is written', () => {
  test('a decoder whose parts the graph does not have', async () => {
    await expect(planLitertlm(await openModel(await tinyGpt2()), { quantization: 'none' })).rejects.toMatchObject({
      code: 'litertlm/not-expressible',
    })
  })
  test('an encoder', async () => {
    const model = await openModel(await tinyLlama())
    const encoder = { ...model, description: { ...model.description, spec: { ...model.description.spec, kind: 'encoder' } } } as OpenedModel
    await expect(planLitertlm(encoder, { quantization: 'none' })).rejects.toMatchObject({ code: 'convert/not-a-decoder' })
  })
})

describe('a file', () => {
  test('that exists is kept, unless it may be replaced', async () => {
    const model = await openModel(await tinyLlama())
    const plan = await planLitertlm(model, { quantization: 'none' })
    const path = join(folder, 'model.litertlm')
    writeFileSync(path, 'mine')
    await expect(writeLitertlm(model, plan, path)).rejects.toMatchObject({ code: 'convert/output-exists' })
    expect(readFileSync(path, 'utf8')).toBe('mine')
    await writeLitertlm(model, plan, path, { existing: 'replace' })
    expect(statSync(path).size).toBe(plan.size)
  })

  test('that was interrupted leaves nothing, and one that was left there changes nothing', async () => {
    const model = await openModel(await tinyLlama())
    const plan = await planLitertlm(model, { quantization: 'dynamic_int8' })
    const path = join(folder, 'model.litertlm')
    await expect(writeLitertlm(model, plan, path, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'convert/interrupted' })
    expect(existsSync(path)).toBe(false)
    expect(readdirSync(folder)).toEqual([])
    await writeLitertlm(model, plan, path)
    const clean = readFileSync(path)
    writeFileSync(`${path}.partial`, new Uint8Array(plan.size).fill(255))
    await writeLitertlm(model, plan, path, { existing: 'replace' })
    expect(readFileSync(path).equals(clean)).toBe(true)
  })
})
