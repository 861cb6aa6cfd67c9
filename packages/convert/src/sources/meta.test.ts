// Meta's release of Llama becomes what the same weights become from Hugging Face's form, quantized by ExecuTorch or not.
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileTemplate, renderSegments } from '@fs/chat-format'
import type { Checkpoint, MetadataValue, TensorInfo } from '@fs/core'
import { openPath } from '@fs/formats/node'
import { architectureById } from '@fs/registry'
import { tokenizerFromJson } from '@fs/tokenizer/huggingface'
import { describe, expect, test } from 'vitest'
import { readBytes, readText } from '../read-text.ts'
import { type Converted, converted, fixture, numbersOf, opened } from './converted.test-support.ts'
import { overlayFolder } from './overlay-folder.ts'

/** What a GGUF says of the architecture; names differ between the folders. */
const architectureKeys = ({ metadata }: Converted) => [...metadata].filter(([key]) => key.startsWith('llama.'))

/** The folder in Hugging Face's form, with the tokenizer of the one in Meta's. */
async function huggingFaceTwin(name: string): Promise<Checkpoint> {
  const [meta, twin] = [await openPath(fixture(name)), await openPath(fixture(`${name}-hf`))]
  const tokenizer = (await readBytes(meta.folder, 'tokenizer.model'))!
  await meta.close()
  return { ...twin, folder: overlayFolder(twin.folder, new Map([['tokenizer.model', tokenizer]])) }
}

/** A fixture in a temporary folder, changed. */
async function changed<T>(name: string, change: (folder: string) => void, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'meta-'))
  try {
    for (const file of readdirSync(fixture(name))) symlinkSync(join(fixture(name), file), join(folder, file))
    change(folder)
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Merges values into params.json; undefined takes a key out. */
function setParams(params: { readonly [key: string]: unknown }): (folder: string) => void {
  return (folder) => {
    const path = join(folder, 'params.json')
    const merged = { ...JSON.parse(readFileSync(path, 'utf8')), ...params }
    rmSync(path)
    writeFileSync(path, JSON.stringify(merged))
  }
}

const open = async (folder: string) => opened(await openPath(folder))
const configOf = async (params: { readonly [key: string]: unknown }) =>
  (await changed('meta-llama', setParams(params), open)).checkpoint.config

/** A checkpoint with some of its tensors described otherwise. */
async function withTensors(name: string, change: (tensors: Map<string, TensorInfo>) => void): Promise<Checkpoint> {
  const checkpoint = await openPath(fixture(name))
  const tensors = new Map(checkpoint.tensors.tensors)
  change(tensors)
  return { ...checkpoint, tensors: { ...checkpoint.tensors, tensors } }
}

describe('consolidated.00.pth and params.json', () => {
  test.each(['f32', 'bf16', 'q8_0'])('as %s: the tensors and keys of the same weights in Hugging Face’s form', async (quant) => {
    const made = await converted(await openPath(fixture('meta-llama')), quant)
    const reference = await converted(await huggingFaceTwin('meta-llama'), quant)
    expect(made.tensors).toEqual(reference.tensors)
    expect(architectureKeys(made)).toEqual(architectureKeys(reference))
    // The head was the embedding's storage again, so there is none.
    expect(made.tensors['output.weight']).toBeUndefined()
    expect(made.notices).toContain('meta/rope-factor')
  })

  test('the file alone finds what lies beside it', async () => {
    const whole = await converted(await openPath(fixture('meta-llama')))
    const alone = await converted(await openPath(join(fixture('meta-llama'), 'consolidated.00.pth')))
    expect(alone.tensors).toEqual(whole.tensors)
    expect(alone.metadata.get('tokenizer.ggml.tokens')).toEqual(whole.metadata.get('tokenizer.ggml.tokens'))
  })

  test('tiktoken’s tokenizer.model becomes a tokenizer.json with Llama 3’s special tokens', async () => {
    const { checkpoint } = await open(fixture('meta-llama'))
    const tokenizerJson = (await readText(checkpoint.folder, 'tokenizer.json'))!
    const tokenizerConfig = (await readText(checkpoint.folder, 'tokenizer_config.json'))!
    const tokenizer = tokenizerFromJson({ tokenizerJson, tokenizerConfig })
    expect(checkpoint.folder.files.has('tokenizer.model')).toBe(false)
    expect([...tokenizer.encode('the', { addSpecialTokens: true })]).toEqual([260, 116, 256])
    expect(tokenizer.special).toMatchObject({ bos: 260, eos: 261 })
  })

  test('a model made to chat is given Llama 3’s format, and ends its turns with its own token', async () => {
    const named = (folder: string) =>
      openPath(folder).then((checkpoint) => opened({ ...checkpoint, folder: { ...checkpoint.folder, name: 'Llama-3.2-1B-Instruct' } }))
    const model = await changed('meta-llama', () => undefined, named)
    const template = compileTemplate((await readText(model.checkpoint.folder, 'chat_template.jinja'))!, 'chat_template.jinja')
    const messages = [{ role: 'user', content: ' Hi ' }]
    const prompt = renderSegments(template, { messages, specialTokens: { bos_token: '<|begin_of_text|>' } })
    expect(prompt.map(({ text }) => text).join('')).toBe(
      '<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
    )
    expect(JSON.parse((await readText(model.checkpoint.folder, 'tokenizer_config.json'))!)).toMatchObject({ eos_token: '<|eot_id|>' })
    expect(model.notices.map(({ code }) => code)).toContain('meta/chat-template')
  })

  test('hyperparameters kept beside the weights, as llama2.c’s training keeps them, say the same', async () => {
    const checkpoint = await openPath(fixture('meta-llama'))
    const metadata = new Map([...checkpoint.metadata!].map(([key, value]) => [key.replace('params.', 'model_args.'), value]))
    const made = await converted({ ...checkpoint, metadata })
    expect(made.tensors).toEqual((await converted(await openPath(fixture('meta-llama')))).tensors)
  })

  test('--arch counts over what the files say', async () => {
    const model = await opened(await openPath(fixture('meta-llama')), { architecture: architectureById('mistral') })
    expect(model.description.architecture.id).toBe('mistral')
  })

  test('what params.json leaves out follows from what it has', async () => {
    const plain = { use_scaled_rope: undefined }
    expect(await configOf({})).toMatchObject({ intermediate_size: 48, rope_scaling: { factor: 32, rope_type: 'llama3' } })
    expect(await configOf({ rope_scaling_factor: 16 })).toMatchObject({ rope_scaling: { factor: 16 }, max_position_embeddings: 131072 })
    expect(await configOf(plain)).toMatchObject({ max_position_embeddings: 8192 })
    expect(await configOf({ ...plain, rope_theta: 1e6 })).toMatchObject({ max_position_embeddings: 16384 })
    expect(await configOf({ ...plain, rope_theta: undefined })).toMatchObject({ max_position_embeddings: 4096, rope_theta: 10000 })
    expect(await configOf({ ...plain, rope_theta: undefined, norm_eps: 1e-6 })).toMatchObject({ max_position_embeddings: 2048 })
    expect(await configOf({ sliding_window: 64 })).toMatchObject({ architectures: ['MistralForCausalLM'], sliding_window: 64 })
  })

  test.each<[what: string, code: string, params: { readonly [key: string]: unknown }]>([
    ['a layer too many', 'arch/tensor-missing', { n_layers: 3 }],
    ['a layer too few', 'arch/tensor-unmapped', { n_layers: 1 }],
    ['another width', 'arch/tensor-shape', { dim: 64 }],
    ['no number of heads', 'arch/config-missing', { n_heads: undefined }],
    ['a width that is text', 'arch/config-invalid', { dim: 32, n_layers: 'two' }],
    ['heads that do not divide the rows', 'arch/transform-shape', { n_heads: 3 }],
    ['no heads', 'arch/transform-shape', { n_heads: 0 }],
  ])('%s in params.json: %s', async (_what, code, params) => {
    await expect(changed('meta-llama', setParams(params), open)).rejects.toMatchObject({ code })
  })

  test('without params.json it is said which file is missing', async () => {
    const without = changed('meta-llama', (folder) => rmSync(join(folder, 'params.json')), open)
    await expect(without).rejects.toMatchObject({ code: 'convert/no-configuration', message: expect.stringContaining('params.json') })
  })

  test('divided over two GPUs, it is put together again', async () => {
    const { tensors, ...whole } = await converted(await openPath(fixture('meta-llama')))
    const divided = await converted(await openPath(fixture('meta-llama-parallel')))
    // Each part has its slice of the head, so nothing says that it is the embedding.
    const { 'output.weight': head, ...others } = divided.tensors
    expect(others).toEqual(tensors)
    expect(head).toEqual(tensors['token_embd.weight'])
    expect(architectureKeys(divided)).toEqual(architectureKeys({ tensors, ...whole }))
    const one = await converted(await openPath(join(fixture('meta-llama-parallel'), 'consolidated.01.pth')), 'bf16')
    expect(one.tensors).toEqual((await converted(await openPath(fixture('meta-llama-parallel')), 'bf16')).tensors)
  })

  test('parts that are not of one checkpoint are refused', async () => {
    const other = join(fixture('meta-llama'), 'consolidated.00.pth')
    const replaced = (folder: string) => {
      rmSync(join(folder, 'consolidated.01.pth'))
      symlinkSync(other, join(folder, 'consolidated.01.pth'))
    }
    await expect(changed('meta-llama-parallel', replaced, open)).rejects.toMatchObject({
      code: 'convert/model-parallel',
      message: expect.stringContaining('has slices of shapes'),
    })
    const cut = (folder: string) => writeFileSync(join(folder, 'consolidated.01.pth'), '')
    await expect(changed('meta-llama', cut, open)).rejects.toMatchObject({ code: 'pytorch/not-a-checkpoint' })
  })

  test('two tensors for one place are refused', async () => {
    const twice = withTensors('meta-llama', (tensors) => tensors.set('model.norm.weight', tensors.get('norm.weight')!))
    await expect(opened(await twice)).rejects.toMatchObject({ code: 'convert/ambiguous-tensor' })
  })
})

describe('ExecuTorch’s QLoRA', () => {
  test('groups, rows and adaptors are computed into the weights they stand for', async () => {
    const made = await converted(await openPath(fixture('executorch-qlora')))
    const reference = await converted(await huggingFaceTwin('executorch-qlora'))
    expect(Object.keys(made.tensors).sort()).toEqual(Object.keys(reference.tensors).sort())
    for (const name of Object.keys(made.tensors)) expect(numbersOf(made, name), name).toEqual(numbersOf(reference, name))
    expect(architectureKeys(made)).toEqual(architectureKeys(reference))
  })

  test('by itself the checkpoint becomes bfloat16, which its scales are', async () => {
    const made = await converted(await openPath(fixture('executorch-qlora')), 'auto')
    expect(made.tensors['blk.0.attn_q.weight']!.type).toBe('BF16')
  })

  test('every tensor of the published 1B checkpoint has its place, with a head of its own or without', async () => {
    const { dim, layers, keys, width, rows } = { dim: 2048, layers: 16, keys: 512, width: 8192, rows: 128256 }
    const tensors = new Map<string, TensorInfo>()
    const add = (name: string, type: TensorInfo['type'], shape: readonly number[]) =>
      tensors.set(name, { name, type, shape, file: 0, offset: 0, byteLength: 1 })
    const byRow = (name: string) => {
      add(`${name}.weight`, 'I8', [rows, dim])
      add(`${name}.scales`, 'BF16', [rows])
    }
    byRow('tok_embeddings')
    add('norm.weight', 'BF16', [dim])
    const linear = {
      wq: [dim, dim],
      wk: [keys, dim],
      wv: [keys, dim],
      wo: [dim, dim],
      w1: [width, dim],
      w2: [dim, width],
      w3: [width, dim],
    }
    for (let layer = 0; layer < layers; layer++) {
      add(`layers.${layer}.attention_norm.weight`, 'BF16', [dim])
      add(`layers.${layer}.ffn_norm.weight`, 'BF16', [dim])
      for (const [part, [outputs, inputs]] of Object.entries(linear) as [string, [number, number]][]) {
        const name = `layers.${layer}.${part.length === 2 && /\d/.test(part) ? 'feed_forward' : 'attention'}.${part}`
        add(`${name}.weight`, 'I8', [outputs, inputs])
        add(`${name}.scales`, 'BF16', [outputs, inputs / 32])
        add(`${name}.adaptor.A.weight`, 'BF16', [16, inputs])
        add(`${name}.adaptor.B.weight`, 'BF16', [outputs, 16])
      }
    }
    const settings = { dim, n_layers: layers, n_heads: 32, n_kv_heads: 8, norm_eps: 1e-5, rope_theta: 5e5, 'lora_args.scale': 2 }
    const metadata = new Map<string, MetadataValue>(
      Object.entries(settings).map(([key, value]) => [`params.${key}`, { type: 'FLOAT64', value }]),
    )
    const checkpoint: Checkpoint = {
      name: 'Llama-3.2-1B-Instruct-QLORA_INT4_EO8',
      container: 'pytorch',
      metadata: metadata.set('params.use_scaled_rope', { type: 'BOOL', value: true }),
      tensors: { files: [], tensors, close: async () => undefined },
      folder: { name: '', files: new Map(), open: () => Promise.reject(new Error('no file')) },
      close: async () => undefined,
    }
    expect((await opened(checkpoint)).description.spec).toMatchObject({ head: { kind: 'tied' }, hiddenSize: dim, contextLength: 131072 })
    byRow('output')
    expect((await opened(checkpoint)).description.spec).toMatchObject({ head: { kind: 'untied' } })
  })

  test('SpinQuant, which has no adaptors, is refused', async () => {
    const spin = changed('executorch-qlora', setParams({ lora_args: undefined }), open)
    await expect(spin).rejects.toMatchObject({ code: 'convert/quantized-source', message: expect.stringContaining('SpinQuant') })
  })

  test('parts that do not fit are refused, with the tensor’s name', async () => {
    const reshaped = (name: string, shape: readonly number[]) =>
      withTensors('executorch-qlora', (tensors) => tensors.set(name, { ...tensors.get(name)!, shape }))
    await expect(opened(await reshaped('layers.0.attention.wv.scales', [32, 3]))).rejects.toMatchObject({
      code: 'convert/quantized-shape',
      details: { tensor: 'layers.0.attention.wv.weight' },
    })
    await expect(opened(await reshaped('layers.0.attention.wv.adaptor.A.weight', [8, 32]))).rejects.toMatchObject({
      code: 'convert/low-rank-shape',
      details: { tensor: 'layers.0.attention.wv.weight' },
    })
  })
})
