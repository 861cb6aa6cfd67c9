import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { openModel } from '../open-model.ts'
import { filesOf, json, openFiles, parsed, places, TOKENIZER_JSON, text, tinyGpt2, tinyLlama } from './tiny-models.test-support.ts'
import { planUnified } from './unified.ts'
import { unifiedJsonSchema } from './unified-schema.ts'

async function written(checkpoint = tinyLlama(), more: Partial<Parameters<typeof planUnified>[1]> = {}) {
  const model = await openModel(await checkpoint)
  const plan = await planUnified(model, { ...places, ...more })
  return { files: await filesOf(model, plan), notices: plan.notices.map(({ code }) => code) }
}

describe('a unified folder', () => {
  test('says in config.json all there is to say', async () => {
    const generation = { temperature: 0.5 }
    const config = parsed(
      (await written(tinyLlama({ 'generation_config.json': json(generation) }), { name: 'Tiny', precision: 'BF16' })).files,
    )
    expect(config).toMatchObject({
      format: 'fartsovka',
      format_version: 1,
      model_name: 'Tiny',
      architecture: 'llama',
      decoder: { kind: 'decoder', vocabularySize: 6, contextLength: 64, layers: [{ kind: 'sequential' }] },
      context_length: 64,
      weights: { file: 'model.safetensors', precision: 'bfloat16' },
      tokenizer: { file: 'tokenizer.json', vocabulary_size: 6, special_tokens: { bos: 1, eos: 2, unk: 0 }, add_bos: false },
      message_format: { type: 'PLAIN', templates: [] },
      generation,
    })
  })

  test('has canonical names, the asked-for type and the tokenizer byte for byte; config.json comes last', async () => {
    const { files } = await written(tinyLlama(), { precision: 'F16' })
    expect([...files.keys()].at(-1)).toBe('config.json')
    expect(files.get('tokenizer.json')).toEqual(TOKENIZER_JSON)
    const { tensors } = (await openFiles(files)).tensors
    expect([...tensors.values()].every(({ type }) => type === 'F16')).toBe(true)
    expect([...tensors.keys()]).toContain('layers.0.attention.query.weight')
  })

  test('is opened again as the model it was', async () => {
    for (const source of [tinyLlama(), tinyGpt2()]) {
      const before = await openModel(await source)
      const after = await openModel(await openFiles((await written(source)).files))
      expect(after).toMatchObject({ form: 'canonical', description: { config: before.description.config, spec: before.description.spec } })
      expect(after.checkpoint).toMatchObject({ name: 'model', container: 'unified', config: { bos_token_id: 1, eos_token_id: 2 } })
    }
  })

  test('may be cut into parts with an index', async () => {
    const { files } = await written(tinyLlama(), { splitMaxBytes: 1000 })
    const index = parsed(files, 'model.safetensors.index.json')
    expect(parsed(files).weights.file).toBe('model.safetensors.index.json')
    expect(new Set(Object.values(index.weight_map)).size).toBeGreaterThan(2)
    expect((await openModel(await openFiles(files))).form).toBe('canonical')
  })

  test('may allow another length, which the model’s description follows', async () => {
    const { files, notices } = await written(tinyLlama(), { contextLength: 128 })
    expect(parsed(files)).toMatchObject({ context_length: 128, parameters: { contextLength: 128 }, decoder: { contextLength: 128 } })
    expect(notices).toEqual(['folder/context-length'])
    expect((await written(tinyLlama(), { contextLength: 32 })).notices).toEqual([])
  })

  test('allows no more than learned positions: convert/context-length', async () => {
    expect(parsed((await written(tinyGpt2(), { contextLength: 8 })).files)).toMatchObject({
      context_length: 8,
      decoder: { contextLength: 16 },
    })
    await expect(written(tinyGpt2(), { contextLength: 32 })).rejects.toMatchObject({ code: 'convert/context-length' })
  })

  test('names the preset a template behaves as, and keeps the template', async () => {
    const qwen = `{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}`
    const custom = `{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}`
    const formatOf = async (template: string) =>
      parsed((await written(tinyLlama({ 'chat_template.jinja': text(template) }))).files).message_format
    expect(await formatOf(custom)).toEqual({ type: 'CUSTOM', templates: [{ name: 'default', template: custom }] })
    // A template that takes tool messages does more than the preset.
    expect(await formatOf(qwen)).toMatchObject({ type: 'CUSTOM' })
    const strict = `{% for m in messages %}{% if m.role not in ['system', 'user', 'assistant'] %}{{ raise_exception('no ' + m.role) }}{% endif %}{% endfor %}${qwen}`
    expect(await formatOf(strict)).toEqual({ type: 'QWEN', templates: [{ name: 'default', template: strict }] })
  })
})

describe('the published schema', () => {
  test('is the one folders are read with', async () => {
    const published = `${JSON.stringify(unifiedJsonSchema(), null, 2)}\n`
    // `pnpm vitest run packages/convert -u` writes it anew.
    await expect(published).toMatchFileSnapshot('../../../../docs/schema/unified-folder.schema.json')
  })

  const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(unifiedJsonSchema())

  test.each([
    ['a Llama', tinyLlama],
    ['a GPT-2', tinyGpt2],
  ])('accepts %s', async (_, source) => {
    const config = parsed((await written(source())).files)
    expect(validate(config), JSON.stringify(validate.errors)).toBe(true)
  })

  test('accepts neither both descriptions nor none', async () => {
    const config = parsed((await written()).files)
    expect(validate({ ...config, decoder: undefined })).toBe(false)
    expect(validate({ ...config, encoder: config.decoder })).toBe(false)
  })
})

describe('a config.json that was changed by hand', () => {
  test.each<[what: string, code: string, change: (config: ReturnType<typeof parsed>) => void]>([
    ['a newer version', 'convert/unified-version', (config) => (config.format_version = 2)],
    ['no version', 'convert/unified-config', (config) => delete config.format_version],
    ['a key nobody knows', 'convert/unified-config', (config) => (config.extra = 1)],
    ['an unknown kind of norm', 'convert/unified-config', (config) => (config.decoder.outputNorm.kind = 'group')],
    ['a negative size', 'convert/unified-config', (config) => (config.decoder.hiddenSize = -8)],
    ['both a decoder and an encoder', 'convert/unified-config', (config) => (config.encoder = config.decoder)],
    ['another epsilon in the description', 'convert/unified-mismatch', (config) => (config.decoder.outputNorm.epsilon = 1)],
    ['another epsilon in the parameters', 'convert/unified-mismatch', (config) => (config.parameters.epsilon = 1)],
    ['a billion layers', 'convert/unified-mismatch', (config) => (config.parameters.layers = 1e9)],
    ['an architecture nobody knows', 'registry/no-such-id', (config) => (config.architecture = 'rwkv')],
    ['a parameter too few', 'arch/config-missing', (config) => delete config.parameters.heads],
    ['a parameter of another kind', 'arch/config-invalid', (config) => (config.parameters.rope = null)],
    [
      'more heads than the weights have',
      'arch/tensor-shape',
      (config) => {
        config.parameters.vocabularySize = 7
        config.decoder.vocabularySize = 7
      },
    ],
  ])('to have %s: %s', async (_what, code, change) => {
    const { files } = await written()
    const config = parsed(files)
    change(config)
    await expect(
      openFiles(new Map(files).set('config.json', json(config))).then((checkpoint) => openModel(checkpoint)),
    ).rejects.toMatchObject({ code })
  })
})
