// Files of before GGUF as they are written: every family against a layout worked out apart from it, every type, and back through our own reader.
import type { Checkpoint, GgmlType } from '@fs/core'
import { memorySource } from '@fs/formats/bytes'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { type GgmlFile, readGgml } from '@fs/formats/ggml'
import { plainRowCodec } from '@fs/quant'
import { architectureById } from '@fs/registry'
import { describe, expect, test } from 'vitest'
import { executeInline } from '../execute/execute-inline.ts'
import { type OpenOptions, openModel } from '../open-model.ts'
import { converted } from '../sources/converted.test-support.ts'
import { asF32, FAMILIES, type Family, ggmlOf, huggingFaceOf, matricesOf, TOKENS } from '../sources/ggml-families.test-support.ts'
import { countingNumbers, folderCheckpoint, json, stored, text } from '../sources/in-memory.test-support.ts'
import { planGgml } from './plan-ggml.ts'

async function written(source: Promise<Checkpoint> | Checkpoint, quants: readonly string[] = ['f32'], options: OpenOptions = {}) {
  const model = await openModel(await source, options)
  const { plan, outputs, notices } = await planGgml(model, { quants, pathFor: (suffix) => `model-${suffix}.bin` })
  const files = plan.outputs.map(({ size, literals }) => {
    const bytes = new Uint8Array(size)
    for (const { offset, bytes: literal } of literals) bytes.set(literal, offset)
    return bytes
  })
  await executeInline(plan, model.checkpoint.tensors.files, plainRowCodec(), async (output, offset, bytes) =>
    files[output]!.set(bytes, offset),
  )
  return { files, outputs, notices, paths: plan.outputs.map(({ path }) => path) }
}

const open = (bytes: Uint8Array): Promise<GgmlFile> => readGgml(memorySource(bytes, 'made.bin'))

const bytesOf = (file: Uint8Array, { tensors }: GgmlFile) =>
  new Map([...tensors.tensors.values()].map(({ name, offset, byteLength }) => [name, file.subarray(offset, offset + byteLength)]))

describe.each(FAMILIES.map((family) => [family.model, family] as const))('%s', (_, family) => {
  test('has the names, layouts, integers and tokens of its time', async () => {
    const { files } = await written(huggingFaceOf(family))
    const read = await open(files[0]!)
    expect(read).toMatchObject({ container: 'ggml', model: family.model, hyperparameters: new Map(Object.entries(family.hyperparameters)) })
    expect(read.vocabulary.tokens).toEqual(TOKENS)
    const expected = new Map(
      matricesOf(family).map(([name, matrix]) => [family.stored(name, matrix)[0], asF32('', family.stored(name, matrix)[1])[1]]),
    )
    // Loaders of these two want a head of its own.
    const head = { gpt2: ['model/lm_head', 'model/wte'], bloom: ['output.weight', 'tok_embeddings.weight'] }[family.model as string]
    if (head !== undefined) expected.set(head[0]!, expected.get(head[1]!)!)
    expect(bytesOf(files[0]!, read)).toEqual(expected)
  })

  test('layers follow one another, and a file of f16 has float32 where its loader wants it', async () => {
    const { files, outputs, paths } = await written(huggingFaceOf(family), ['auto'])
    const read = await open(files[0]!)
    const types = new Map([...read.tensors.tensors.values()].map(({ name, type }) => [name, type]))
    const isMatrix = (name: string) => (family.model === 'gpt2' ? /\/(wte|lm_head|w)$/.test(name) : name.endsWith('.weight'))
    for (const { name, shape, type } of read.tensors.tensors.values())
      expect(type, name).toBe(shape.length === 2 && isMatrix(name) ? 'F16' : 'F32')
    expect([...types.keys()][0]).toMatch(/wte|embed|word/)
    expect(paths).toEqual(['model-f16.bin'])
    expect(outputs[0]!.meta).toMatchObject({ quantization: 'F16', quantizationVersion: 'Not_Quantized', container: 'GGML' })
  })

  test('what is read back is what was written, whatever it was read from', async () => {
    const again = await written(ggmlOf(family))
    const { files } = await written(huggingFaceOf(family))
    expect(await bytesOf(again.files[0]!, await open(again.files[0]!))).toEqual(await bytesOf(files[0]!, await open(files[0]!)))
    const folder = fileFolder('old', new Map([['ggml-model.bin', files[0]!]]))
    const [back, direct] = [await converted(await openCheckpoint(folder)), await converted(await huggingFaceOf(family))]
    for (const [name, tensor] of Object.entries(direct.tensors)) expect(back.tensors[name], name).toEqual(tensor)
  })
})

/** Llama with a SentencePiece vocabulary as a GGUF would have it. */
const HIDDEN = 64
const PIECES = [
  '<unk>',
  '<s>',
  '</s>',
  ...Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  '▁the',
  'a',
]

function llama(
  config: { readonly [key: string]: number | object } = {},
  keyRows = HIDDEN,
  width = 256,
  files: { readonly [name: string]: Uint8Array } = {},
): Promise<Checkpoint> {
  const layer = 'model.layers.0'
  const shapes: { readonly [name: string]: readonly number[] } = {
    'model.embed_tokens.weight': [PIECES.length, HIDDEN],
    [`${layer}.input_layernorm.weight`]: [HIDDEN],
    [`${layer}.self_attn.q_proj.weight`]: [HIDDEN, HIDDEN],
    [`${layer}.self_attn.k_proj.weight`]: [keyRows, HIDDEN],
    [`${layer}.self_attn.v_proj.weight`]: [keyRows, HIDDEN],
    [`${layer}.self_attn.o_proj.weight`]: [HIDDEN, HIDDEN],
    [`${layer}.post_attention_layernorm.weight`]: [HIDDEN],
    [`${layer}.mlp.gate_proj.weight`]: [width, HIDDEN],
    [`${layer}.mlp.up_proj.weight`]: [width, HIDDEN],
    [`${layer}.mlp.down_proj.weight`]: [HIDDEN, width],
    'model.norm.weight': [HIDDEN],
  }
  const tensors = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], seed) => [
      name,
      stored(
        'F32',
        shape,
        countingNumbers(
          shape.reduce((a, b) => a * b, 1),
          seed,
        ),
      ),
    ]),
  )
  const tokenizer = {
    added_tokens: [],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    model: {
      type: 'BPE',
      byte_fallback: true,
      unk_token: '<unk>',
      vocab: Object.fromEntries(PIECES.map((piece, id) => [piece, id])),
      merges: [],
    },
  }
  const tokenizerConfig = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' }
  return folderCheckpoint(
    {
      architectures: ['LlamaForCausalLM'],
      ...{ hidden_size: HIDDEN, intermediate_size: width, num_hidden_layers: 1, num_attention_heads: 4, rms_norm_eps: 5e-6 },
      max_position_embeddings: 2048,
      ...config,
    },
    tensors,
    { 'tokenizer.json': json(tokenizer), 'tokenizer_config.json': json(tokenizerConfig), ...files },
  )
}

describe('llama', () => {
  test('is a ggjt with scores, rope rows side by side, and a head even where it is tied', async () => {
    const { files, outputs, notices } = await written(llama(), ['f16'])
    const read = await open(files[0]!)
    expect(read).toMatchObject({ container: 'ggjt', version: 1, model: 'llama' })
    expect(Object.fromEntries(read.hyperparameters)).toEqual({
      n_vocab: PIECES.length,
      n_embd: 64,
      n_mult: 256,
      n_head: 4,
      n_layer: 1,
      n_rot: 16,
      ftype: 1,
    })
    expect([...read.tensors.tensors.keys()]).toEqual([
      'tok_embeddings.weight',
      ...['wq', 'wk', 'wv', 'wo'].map((name) => `layers.0.attention.${name}.weight`),
      ...['w1', 'w3', 'w2'].map((name) => `layers.0.feed_forward.${name}.weight`),
      'layers.0.attention_norm.weight',
      'layers.0.ffn_norm.weight',
      'norm.weight',
      'output.weight',
    ])
    const bytes = bytesOf(files[0]!, read)
    expect(bytes.get('output.weight')).toEqual(bytes.get('tok_embeddings.weight'))
    expect(outputs[0]!.meta).toMatchObject({ model: 'Llama', container: 'GGJT' })
    expect(notices).toEqual([])
  })

  test('tokens are the bytes they stand for: unknown, control, single bytes, words with their space', async () => {
    const { tokens, scores } = (await open((await written(llama())).files[0]!)).vocabulary
    expect([tokens[1], tokens[3 + 10], tokens.at(-2)]).toEqual([new Uint8Array(), Uint8Array.of(10), text(' the')])
    expect(scores).toHaveLength(PIECES.length)
  })

  test.each<[quant: string, type: GgmlType, ftype: number]>([
    ['q4_0', 'Q4_0', 2002],
    ['Q4_1', 'Q4_1', 2003],
    ['q5_0', 'Q5_0', 2008],
    ['q5_1', 'Q5_1', 2009],
    ['q8_0', 'Q8_0', 2007],
  ])('%s makes blocks of every matrix, in a ggjt of version 3', async (quant, type, ftype) => {
    const { files, outputs, paths } = await written(llama(), [quant])
    const read = await open(files[0]!)
    expect(read).toMatchObject({ container: 'ggjt', version: 3 })
    expect(read.hyperparameters.get('ftype')).toBe(ftype)
    for (const tensor of read.tensors.tensors.values()) expect(tensor.type, tensor.name).toBe(tensor.shape.length === 2 ? type : 'F32')
    expect(paths).toEqual([`model-${type.toLowerCase()}-ggjt.bin`])
    expect(outputs[0]!.meta).toMatchObject({ quantization: type, quantizationVersion: 'V2' })
  })

  test('several types come from one read', async () => {
    const { files } = await written(llama(), ['f16', 'q8_0'])
    for (const [index, quant] of ['f16', 'q8_0'].entries()) expect(files[index]).toEqual((await written(llama(), [quant])).files[0])
  })

  test('a feed-forward width no multiple of 256 explains gets a multiple that does', async () => {
    expect((await open((await written(llama({}, HIDDEN, 172))).files[0]!)).hyperparameters.get('n_mult')).toBe(172)
  })

  test('rows that are no whole blocks stay float16, and it is said', async () => {
    const { files, notices } = await written(llama({}, HIDDEN, 96), ['q4_0'])
    const types = new Map([...(await open(files[0]!)).tensors.tensors.values()].map(({ name, type }) => [name, type]))
    expect(types.get('layers.0.feed_forward.w2.weight')).toBe('F16')
    expect(notices.map(({ code }) => code)).toContain('convert/type-substituted')
  })
})

describe('what the file cannot say is said', () => {
  test.each<[what: string, code: string, words: RegExp, config: { readonly [key: string]: number | object }, keyRows?: number]>([
    ['an epsilon', 'ggml/epsilon', /1e-5|0\.00001/, { rms_norm_eps: 1e-5 }],
    ['a context length', 'ggml/context-length', /4096 tokens/, { max_position_embeddings: 4096 }],
    ['a rotary base', 'ggml/rope-base', /500000/, { rope_theta: 500000 }],
    [
      'stretched frequencies, with the length',
      'ggml/rope-scaling',
      /longer than 1024 tokens/,
      {
        rope_scaling: { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 1024 },
      },
    ],
    ['fewer heads of keys', 'ggml/key-value-heads', /n_gqa 2/, { num_key_value_heads: 2 }, 32],
  ])('%s: %s', async (_what, code, words, config, keyRows) => {
    const { notices } = await written(llama(config, keyRows))
    expect(notices.find((notice) => notice.code === code)?.message).toMatch(words)
  })

  test('an exact GELU, once for all layers', async () => {
    const neox = FAMILIES.find(({ model }) => model === 'gptneox')!
    const { notices } = await written(huggingFaceOf(neox))
    expect(notices.filter(({ code }) => code === 'ggml/exact-gelu')).toHaveLength(1)
    expect(notices.some(({ code }) => code.startsWith('gguf/'))).toBe(false)
  })
})

describe('refused are', () => {
  const gpt2 = FAMILIES.find(({ model }) => model === 'gpt2') as Family

  test('families that came later, unless --arch says what they are: convert/ggml-family', async () => {
    const mistral = () => llama({ architectures: ['MistralForCausalLM'] })
    await expect(written(mistral())).rejects.toMatchObject({
      code: 'convert/ggml-family',
      message: expect.stringContaining('llama, gpt2, gpt-j, gpt-neox, bloom, mpt'),
    })
    const { outputs } = await written(mistral(), ['f16'], { architecture: architectureById('llama') })
    expect(outputs[0]!.meta.model).toBe('Llama')
  })

  test('a Llama whose words are not SentencePiece’s: convert/ggml-vocabulary', async () => {
    const tokenizer = await (await huggingFaceOf(gpt2)).folder.open('tokenizer.json')
    const files = { 'tokenizer.json': await tokenizer.read(0, tokenizer.size) }
    await expect(written(llama({}, HIDDEN, 256, files))).rejects.toMatchObject({ code: 'convert/ggml-vocabulary' })
  })

  test('types of later years: convert/unknown-type', async () => {
    for (const quant of ['q4_k_m', 'bf16', 'constructor'])
      await expect(written(huggingFaceOf(gpt2), [quant])).rejects.toMatchObject({ code: 'convert/unknown-type' })
  })
})
