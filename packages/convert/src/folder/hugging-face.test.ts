import type { Checkpoint, GgmlType, MetadataValue } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { layoutGguf } from '@fs/formats/gguf'
import { describe, expect, test } from 'vitest'
import { frontMatterOf } from '../general-metadata/model-card.ts'
import { openModel } from '../open-model.ts'
import { countingNumbers } from '../sources/in-memory.test-support.ts'
import { planHuggingFace } from './hugging-face.ts'
import { jsonFile } from './json-file.ts'
import { filesOf, json, openFiles, parsed, places, TOKENIZER_JSON, text, tinyGpt2, tinyLlama } from './tiny-models.test-support.ts'
import { planUnified } from './unified.ts'

async function written(checkpoint: Promise<Checkpoint>, more: Partial<Parameters<typeof planHuggingFace>[1]> = {}) {
  const model = await openModel(await checkpoint)
  const plan = await planHuggingFace(model, { ...places, ...more })
  return { files: await filesOf(model, plan), notices: plan.notices }
}

const tensorsOf = async (files: ReadonlyMap<string, Uint8Array>) => {
  const { tensors } = await openFiles(files)
  const rows = [...tensors.tensors.values()].map(
    async ({ name, file, offset, byteLength, type, shape }) =>
      [name, { type, shape, bytes: await tensors.files[file]!.read(offset, byteLength) }] as const,
  )
  return Object.fromEntries(await Promise.all(rows))
}

describe('a Hugging Face folder of a Hugging Face folder', () => {
  test('has the same tensors and tokenizer files, and its card, licence and sampling settings', async () => {
    const files = {
      'README.md': text('# Tiny'),
      'LICENSE.txt': text('MIT'),
      'generation_config.json': json({ top_k: 3 }),
      'notes.txt': text('x'),
    }
    const source = await tinyLlama(files)
    const { files: made } = await written(Promise.resolve(source))
    expect(await tensorsOf(made)).toEqual(await tensorsOf(new Map([...(await allFiles(source))])))
    expect(made.get('tokenizer.json')).toEqual(TOKENIZER_JSON)
    expect(made.get('README.md')).toEqual(files['README.md'])
    expect(made.has('LICENSE.txt')).toBe(true)
    expect(made.has('notes.txt')).toBe(false)
    expect(parsed(made, 'generation_config.json')).toEqual({ top_k: 3 })
  })

  test('names special tokens, types and rope in the spellings of transformers 4 and 5', async () => {
    const { files } = await written(tinyLlama({}, { rope_theta: 500000, rope_scaling: { rope_type: 'linear', factor: 2 } }), {
      precision: 'F16',
    })
    expect(parsed(files)).toMatchObject({
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      bos_token_id: 1,
      eos_token_id: 2,
      vocab_size: 6,
      tie_word_embeddings: true,
      dtype: 'float16',
      torch_dtype: 'float16',
      rope_theta: 500000,
      rope_parameters: { rope_type: 'linear', factor: 2, rope_theta: 500000 },
    })
    // transformers 5 refuses an integer for a float.
    expect(new TextDecoder().decode(files.get('config.json'))).toContain('"rope_theta": 500000.0')
  })

  test('is cut into parts as transformers cuts, none larger than asked unless one tensor is', async () => {
    const { files } = await written(tinyLlama(), { splitMaxBytes: 600 })
    const index = parsed(files, 'model.safetensors.index.json')
    expect(index.metadata.total_size).toBe(Object.values(await tensorsOf(files)).reduce((sum, { bytes }) => sum + bytes.length, 0))
    expect([...files.keys()].filter((name) => /^model-\d{5}-of-00006\.safetensors$/.test(name))).toHaveLength(6)
    expect((await openModel(await openFiles(files))).description.architecture.id).toBe('llama')
  })

  test('GPT-2’s joined and transposed matrix comes back out of three canonical ones', async () => {
    const source = await tinyGpt2()
    const model = await openModel(source)
    const unified = await filesOf(model, await planUnified(model, places))
    const { files } = await written(openFiles(unified))
    expect(await tensorsOf(files)).toEqual(await tensorsOf(await allFiles(source)))
  })
})

async function allFiles({ folder }: Checkpoint): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const [name, { size }] of folder.files) files.set(name, await (await folder.open(name)).read(0, size))
  return files
}

const string = (value: string): MetadataValue => ({ type: 'STRING', value })
const integer = (value: number): MetadataValue => ({ type: 'UINT32', value })
const float = (value: number): MetadataValue => ({ type: 'FLOAT32', value: Math.fround(value) })

/** A llama with a vocabulary of letters, as a GGUF. */
function tinyGguf(metadata: Iterable<readonly [string, MetadataValue]> = [], type: GgmlType = 'F32'): Promise<Checkpoint> {
  const shapes: readonly (readonly [string, readonly number[]])[] = [
    ['token_embd.weight', [6, 32]],
    ['blk.0.attn_norm.weight', [32]],
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => [`blk.0.${name}.weight`, [32, 32]] as const),
    ['blk.0.ffn_norm.weight', [32]],
    ...['ffn_gate', 'ffn_up', 'ffn_down'].map((name) => [`blk.0.${name}.weight`, [32, 32]] as const),
    ['output_norm.weight', [32]],
  ]
  const all = new Map<string, MetadataValue>([
    ['general.architecture', string('llama')],
    ...Object.entries({ block_count: 1, context_length: 64, embedding_length: 32, feed_forward_length: 32, 'attention.head_count': 2 }).map(
      ([key, value]) => [`llama.${key}`, integer(value)] as const,
    ),
    ['llama.attention.layer_norm_rms_epsilon', float(1e-5)],
    ['tokenizer.ggml.model', string('gpt2')],
    ['tokenizer.ggml.pre', string('gpt-2')],
    ['tokenizer.ggml.tokens', { type: 'ARRAY', of: 'STRING', value: ['<s>', '</s>', 'a', 'b', 'ab', '<|eot_id|>'] }],
    ['tokenizer.ggml.token_type', { type: 'ARRAY', of: 'INT32', value: [3, 3, 1, 1, 1, 3] }],
    ['tokenizer.ggml.merges', { type: 'ARRAY', of: 'STRING', value: ['a b'] }],
    ['tokenizer.ggml.bos_token_id', integer(0)],
    ['tokenizer.ggml.eos_token_id', integer(1)],
    ...metadata,
  ])
  const tensors = shapes.map(([name, shape]) => ({ name, shape, type: shape.length === 1 ? ('F32' as const) : type }))
  const layout = layoutGguf({ metadata: all, tensors })
  const file = new Uint8Array(layout.size)
  file.set(layout.header)
  for (const [seed, { offset, byteLength }] of layout.tensors.entries())
    if (type === 'F32') file.set(new Uint8Array(countingNumbers(byteLength / 4, seed).buffer), offset)
  return openCheckpoint(fileFolder('gguf', new Map([['tiny.gguf', file]])), 'tiny.gguf')
}

describe('a Hugging Face folder of a GGUF', () => {
  test('has names, layouts and files transformers knows, every end of an answer, and templates in files of their own', async () => {
    const { files } = await written(
      tinyGguf([
        ['tokenizer.chat_template', string('main')],
        ['tokenizer.chat_template.tool_use', string('tools')],
      ]),
    )
    expect(Object.keys(await tensorsOf(files))).toContain('model.layers.0.self_attn.q_proj.weight')
    expect(parsed(files)).toMatchObject({ bos_token_id: 0, eos_token_id: [1, 5], dtype: 'float32', head_dim: 16 })
    expect(parsed(files, 'tokenizer_config.json')).toMatchObject({ bos_token: '<s>', eos_token: '</s>' })
    expect(parsed(files, 'generation_config.json')).toEqual({ bos_token_id: 0, eos_token_id: [1, 5] })
    expect(new TextDecoder().decode(files.get('chat_template.jinja'))).toBe('main')
    expect(new TextDecoder().decode(files.get('additional_chat_templates/tool_use.jinja'))).toBe('tools')
  })

  test('keeps what the file says of sampling and of its origin', async () => {
    const { files } = await written(
      tinyGguf([
        ['general.sampling.temp', float(0.6)],
        ['general.sampling.top_k', { type: 'INT32', value: 20 }],
        ['general.license', string('apache-2.0')],
        ['general.tags', { type: 'ARRAY', of: 'STRING', value: ['tiny'] }],
        ['general.base_model.count', integer(1)],
        ['general.base_model.0.name', string('Base')],
        ['general.base_model.0.repo_url', string('https://huggingface.co/org/Base')],
        ['general.dataset.0.name', string('Words')],
      ]),
    )
    expect(parsed(files, 'generation_config.json')).toMatchObject({ temperature: 0.6, top_k: 20, do_sample: true })
    expect(frontMatterOf(new TextDecoder().decode(files.get('README.md')))).toEqual({
      license: 'apache-2.0',
      tags: ['tiny'],
      base_model: ['org/Base'],
      dataset_sources: [{ name: 'Words' }],
    })
  })

  test('of quantized weights is float16', async () => {
    const { files } = await written(tinyGguf([], 'Q8_0'))
    const types = new Set(Object.values(await tensorsOf(files)).map(({ type, shape }) => `${shape.length} ${type}`))
    expect(types).toEqual(new Set(['1 F32', '2 F16']))
    expect(parsed(files).dtype).toBe('float16')
  })

  test('of what has no tokenizer at all is refused', async () => {
    const { 'tokenizer.json': _, ...rest } = Object.fromEntries(await allFiles(await tinyLlama()))
    await expect(written(openFiles(new Map(Object.entries(rest))))).rejects.toMatchObject({ code: 'convert/tokenizer-missing' })
  })
})

test('whole numbers get a .0 where Python wants a float, and nowhere else', () => {
  const bytes = jsonFile({ factor: 8, eps: 1e-5, size: 8, inner: { factor: -2 }, list: [1], name: '8' }, new Set(['factor', 'eps']))
  const written = new TextDecoder().decode(bytes)
  expect(JSON.parse(written)).toEqual({ factor: 8, eps: 1e-5, size: 8, inner: { factor: -2 }, list: [1], name: '8' })
  expect(written).toContain('"factor": 8.0')
  expect(written).toContain('"factor": -2.0')
  expect(written).toContain('"size": 8,')
})
