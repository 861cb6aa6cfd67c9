// LoRA adapters merged: the result is that of the weights plus what the adapter adds, computed here the plain way.
import type { Checkpoint, Json, TensorInfo } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { openPath } from '@fs/formats/node'
import { describe, expect, test } from 'vitest'
import { type Converted, converted, fixture, numbersOf, opened } from '../converted.test-support.ts'
import { countingNumbers, folderCheckpoint, json, type Stored, safetensorsFile, stored } from '../in-memory.test-support.ts'
import { CONFIG, HIDDEN, LAYERS, type LayerName, plainLlama, plainWeights, type Weights, WIDTH } from '../tiny-llama.test-support.ts'

const RANK = 4
const f32 = Math.fround

type Tensors = { readonly [name: string]: Stored }
type Settings = { readonly [key: string]: Json }

const adapterFolder = (tensors: Tensors, config: Settings): Promise<Checkpoint> =>
  openCheckpoint(
    fileFolder(
      'adapter',
      new Map([
        ['adapter_config.json', json(config)],
        ['adapter_model.safetensors', safetensorsFile(tensors)],
      ]),
    ),
  )

const BASE = 'org/base'
const lora = (more: Settings = {}): Settings => ({ peft_type: 'LORA', r: RANK, lora_alpha: 8, base_model_name_or_path: BASE, ...more })

/** The two matrices of a layer, B [outputs, rank] and A [rank, inputs]. */
const matrices = (outputs: number, inputs: number, seed: number) => ({
  up: countingNumbers(outputs * RANK, seed),
  down: countingNumbers(RANK * inputs, seed + 1),
})

/** weight + scale * B A, the weight row-major [outputs, inputs]. */
function plus(weight: Float32Array, inputs: number, { up, down }: ReturnType<typeof matrices>, scale: number): Float32Array {
  return weight.map((value, index) => {
    const [row, column] = [Math.floor(index / inputs), index % inputs]
    let sum = 0
    for (let inner = 0; inner < RANK; inner++) sum += up[row * RANK + inner]! * down[inner * inputs + column]!
    return value + f32(scale * sum)
  })
}

const CHANGED = ['model.layers.0.self_attn.q_proj', 'model.layers.0.self_attn.k_proj', 'model.layers.0.mlp.down_proj'] as const

/** An adapter's tensors for three layers, and the weights it makes of plain ones. */
function changes(scaleOf: (name: LayerName) => number, prefix = 'base_model.model.', middle = '') {
  const weights: { [Name in LayerName]: Float32Array } = { ...plainWeights() }
  const tensors: { [name: string]: Stored } = {}
  for (const [index, name] of CHANGED.entries()) {
    const [outputs, inputs] = LAYERS[name]
    const pair = matrices(outputs, inputs, 50 + index)
    tensors[`${prefix}${name}.lora_A${middle}.weight`] = stored('F32', [RANK, inputs], pair.down)
    tensors[`${prefix}${name}.lora_B${middle}.weight`] = stored('F32', [outputs, RANK], pair.up)
    weights[name] = plus(weights[name], inputs, pair, scaleOf(name))
  }
  return { tensors, weights: weights as Weights }
}

async function expectMerged(base: Checkpoint, adapter: Checkpoint, weights: Weights): Promise<Converted> {
  const made = await converted(base, 'f32', { adapter })
  const reference = await converted(await plainLlama(weights))
  expect(made.tensors).toEqual(reference.tensors)
  return made
}

describe('a LoRA adapter', () => {
  test('adds lora_alpha / r times B A, and says what it was trained on', async () => {
    const { tensors, weights } = changes(() => 2)
    const made = await expectMerged(await plainLlama(plainWeights()), await adapterFolder(tensors, lora()), weights)
    expect(made.notices).toContain('convert/adapter')
    expect(made.model.notices.at(-1)?.message).toContain('org/base')
  })

  test('with the adapter’s name in its tensors, scaled by the root of the rank, and a layer with an alpha of its own', async () => {
    const { tensors, weights } = changes((name) => (name.endsWith('k_proj') ? 16 : 8) / Math.sqrt(RANK), 'base_model.model.', '.default')
    const config = lora({ use_rslora: true, alpha_pattern: { '^model\\.layers.0.self_attn.k_proj': 16 }, rank_pattern: {} })
    await expectMerged(await plainLlama(plainWeights()), await adapterFolder(tensors, config), weights)
  })

  test('made for the inner model, whose names lack `model.`', async () => {
    const { tensors, weights } = changes(() => 2)
    const inner = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name.replace('model.layers', 'layers'), tensor]))
    await expectMerged(await plainLlama(plainWeights()), await adapterFolder(inner, lora()), weights)
  })

  test('replaces modules that were trained as a whole', async () => {
    const { tensors, weights } = changes(() => 2)
    const norm = countingNumbers(HIDDEN, 99)
    const whole = { ...tensors, 'base_model.model.model.norm.modules_to_save.default.weight': stored('F32', [HIDDEN], norm) }
    const made = await converted(await plainLlama(plainWeights()), 'f32', { adapter: await adapterFolder(whole, lora()) })
    expect(numbersOf(made, 'output_norm.weight')).toEqual([...norm])
    const reference = await converted(await plainLlama(weights))
    expect(made.tensors['blk.0.attn_q.weight']).toEqual(reference.tensors['blk.0.attn_q.weight'])
  })

  test('goes into a GGUF too, whose rope rows lie otherwise; what the file says of itself stays', async () => {
    const { tensors, weights } = changes(() => 2)
    const { file, metadata } = await converted(await plainLlama(plainWeights()))
    const gguf = await openCheckpoint(fileFolder('file', new Map([['base.gguf', file]])), 'base.gguf')
    const made = await expectMerged(gguf, await adapterFolder(tensors, lora()), weights)
    expect([...made.metadata].sort()).toEqual([...metadata].sort())
  })

  test('goes into Meta’s form', async () => {
    const adapter = () => {
      const pair = matrices(32, 32, 5)
      return adapterFolder(
        {
          'base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight': stored('F32', [RANK, 32], pair.down),
          'base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight': stored('F32', [32, RANK], pair.up),
        },
        lora(),
      )
    }
    const meta = await converted(await openPath(fixture('meta-llama')), 'f32', { adapter: await adapter() })
    const twin = await openPath(fixture('meta-llama-hf'))
    const { folder } = await openPath(fixture('meta-llama')).then((found) => found.close().then(() => found))
    const reference = await converted({ ...twin, folder }, 'f32', { adapter: await adapter() })
    expect(meta.tensors).toEqual(reference.tensors)
    const plain = await converted(await openPath(fixture('meta-llama')))
    expect(meta.tensors['blk.1.attn_q.weight']).not.toEqual(plain.tensors['blk.1.attn_q.weight'])
  })
})

test('an embedding’s matrices, and those of layers that store inputs first, are transposed', async () => {
  const width = 8
  const linear = (inputs: number, outputs: number, seed: number) =>
    stored('F32', [inputs, outputs], countingNumbers(inputs * outputs, seed))
  const vector = (length: number, seed: number) => stored('F32', [length], countingNumbers(length, seed))
  const layer = 'transformer.h.0'
  const shapes: Tensors = {
    'transformer.wte.weight': linear(16, width, 1),
    'transformer.wpe.weight': linear(4, width, 2),
    [`${layer}.attn.c_attn.weight`]: linear(width, 3 * width, 3),
    [`${layer}.attn.c_attn.bias`]: vector(3 * width, 4),
    [`${layer}.attn.c_proj.weight`]: linear(width, width, 5),
    [`${layer}.attn.c_proj.bias`]: vector(width, 6),
    [`${layer}.mlp.c_fc.weight`]: linear(width, 4 * width, 7),
    [`${layer}.mlp.c_fc.bias`]: vector(4 * width, 8),
    [`${layer}.mlp.c_proj.weight`]: linear(4 * width, width, 9),
    [`${layer}.mlp.c_proj.bias`]: vector(width, 10),
    ...Object.fromEntries(
      [`${layer}.ln_1`, `${layer}.ln_2`, 'transformer.ln_f'].flatMap((norm) => [
        [`${norm}.weight`, vector(width, 11)],
        [`${norm}.bias`, vector(width, 12)],
      ]),
    ),
  }
  const config = { architectures: ['GPT2LMHeadModel'], n_embd: width, n_head: 2, n_layer: 1, n_positions: 4, n_ctx: 4 }
  const [attention, embedding] = [matrices(3 * width, width, 20), matrices(width, 16, 30)]
  const adapter = await adapterFolder(
    {
      [`base_model.model.${layer}.attn.c_attn.lora_A.weight`]: stored('F32', [RANK, width], attention.down),
      [`base_model.model.${layer}.attn.c_attn.lora_B.weight`]: stored('F32', [3 * width, RANK], attention.up),
      'base_model.model.transformer.wte.lora_embedding_A': stored('F32', [RANK, 16], embedding.down),
      'base_model.model.transformer.wte.lora_embedding_B': stored('F32', [width, RANK], embedding.up),
    },
    lora({ fan_in_fan_out: true }),
  )
  const model = await opened(await folderCheckpoint(config, shapes), { adapter })
  const sums = [`${layer}.attn.c_attn.weight`, 'transformer.wte.weight'].map((name) => model.tensors.get(name)!.tensor.shape)
  expect(sums).toEqual([
    [width, 3 * width],
    [16, width],
  ])
  const tokenizer = {
    'vocab.json': json(Object.fromEntries([...'abcdefghijklmnop'].map((token, id) => [token, id]))),
    'merges.txt': new Uint8Array(0),
  }
  const again = await adapterFolder(
    Object.fromEntries(
      await Promise.all(
        [...adapter.tensors.tensors.values()].map(async ({ name, shape, offset, byteLength }) => {
          const bytes = (await adapter.tensors.files[0]!.read(offset, byteLength)).slice()
          return [name, stored('F32', shape, new Float32Array(bytes.buffer))] as const
        }),
      ),
    ),
    lora({ fan_in_fan_out: true }),
  )
  const made = await converted(await folderCheckpoint(config, shapes, tokenizer), 'f32', { adapter: again })
  const transposed = (rows: number, columns: number, seed: number) => {
    const values = countingNumbers(rows * columns, seed)
    return values.map((_, index) => values[(index % rows) * columns + Math.floor(index / rows)]!)
  }
  // In GGUF outputs come first again, so the sum is the plain one.
  expect(numbersOf(made, 'blk.0.attn_qkv.weight')).toEqual([...plus(transposed(width, 3 * width, 3), width, attention, 2)])
  const tokens = countingNumbers(16 * width, 1)
  const expected = tokens.map((value, index) => {
    const [token, column] = [Math.floor(index / width), index % width]
    let sum = 0
    for (let inner = 0; inner < RANK; inner++) sum += embedding.up[column * RANK + inner]! * embedding.down[inner * 16 + token]!
    return value + f32(2 * sum)
  })
  expect(numbersOf(made, 'token_embd.weight')).toEqual([...expected])
})

describe('what cannot be merged', () => {
  const name = 'base_model.model.model.layers.0.self_attn.q_proj'
  const pair = (layer = name): Tensors => ({
    [`${layer}.lora_A.weight`]: stored('F32', [RANK, HIDDEN], countingNumbers(RANK * HIDDEN, 1)),
    [`${layer}.lora_B.weight`]: stored('F32', [HIDDEN, RANK], countingNumbers(RANK * HIDDEN, 2)),
  })
  const merge = async (tensors: Tensors, config: Settings) =>
    opened(await plainLlama(plainWeights()), { adapter: await adapterFolder(tensors, config) })

  test.each<[what: string, config: Settings]>([
    ['IA3', { peft_type: 'IA3' }],
    ['MLX’s own form', { fine_tune_type: 'lora' }],
    ['DoRA', lora({ use_dora: true })],
    ['biases of its own', lora({ lora_bias: true })],
    ['repeated layers', lora({ layer_replication: [[0, 1]] })],
    ['activation by tokens', lora({ alora_invocation_tokens: [1, 2] })],
    ['new tokens', lora({ trainable_token_indices: { embed_tokens: [3] } })],
    ['PiSSA', lora({ init_lora_weights: 'pissa_niter_4' })],
    ['a pattern that is no name', lora({ alpha_pattern: { '.*q_proj': 4 } })],
    ['an alpha that is text', lora({ lora_alpha: 'much' })],
  ])('%s', async (_what, config) => {
    await expect(merge(pair(), config)).rejects.toMatchObject({ code: 'convert/adapter-kind', message: expect.stringContaining('adapter') })
  })

  test('an adapter given as a model', async () => {
    const message = 'adapter is an adapter, not a model; convert the model it was trained on with --adapter adapter'
    await expect(opened(await adapterFolder(pair(), lora()))).rejects.toMatchObject({ code: 'convert/no-configuration', message })
  })

  test('a model given as an adapter', async () => {
    const adapter = await plainLlama(plainWeights())
    await expect(opened(await plainLlama(plainWeights()), { adapter })).rejects.toMatchObject({
      code: 'convert/adapter-kind',
      message: expect.stringContaining('adapter_config.json'),
    })
  })

  test.each<[what: string, code: string, tensors: Tensors]>([
    [
      'a magnitude',
      'convert/adapter-kind',
      { ...pair(), [`${name}.lora_magnitude_vector`]: stored('F32', [HIDDEN], countingNumbers(HIDDEN, 1)) },
    ],
    ['no matrices', 'convert/adapter-part', {}],
    ['half a pair', 'convert/adapter-part', { [`${name}.lora_A.weight`]: pair()[`${name}.lora_A.weight`]! }],
    ['a layer too many', 'convert/adapter-target', pair('base_model.model.model.layers.7.self_attn.q_proj')],
    ['a head, where the embedding is it', 'convert/adapter-target', pair('base_model.model.lm_head')],
    [
      'no rank',
      'convert/low-rank-shape',
      { [`${name}.lora_A.weight`]: stored('F32', [0, HIDDEN], []), [`${name}.lora_B.weight`]: stored('F32', [HIDDEN, 0], []) },
    ],
    ['another width', 'convert/low-rank-shape', pair('base_model.model.model.layers.0.mlp.down_proj')],
    [
      'a longer vocabulary',
      'convert/adapter-target',
      { ...pair(), 'base_model.model.model.embed_tokens.weight': stored('F32', [300, HIDDEN], countingNumbers(300 * HIDDEN, 1)) },
    ],
  ])('%s: %s', async (_what, code, tensors) => {
    await expect(merge(tensors, lora())).rejects.toMatchObject({ code })
  })

  test('a GGUF that keeps all experts of a layer together', async () => {
    const config = { ...CONFIG, architectures: ['MixtralForCausalLM'], model_type: 'mixtral', num_local_experts: 2, num_experts_per_tok: 1 }
    const layer = 'model.layers.0.block_sparse_moe'
    const plain = await plainLlama(plainWeights())
    const read = async (tensor: TensorInfo) => ({
      dtype: 'F32' as const,
      shape: tensor.shape,
      bytes: await plain.tensors.files[0]!.read(tensor.offset, tensor.byteLength),
    })
    const dense = [...plain.tensors.tensors.values()].filter((tensor) => !tensor.name.includes('.mlp.'))
    const shared = Object.fromEntries(await Promise.all(dense.map(async (tensor) => [tensor.name, await read(tensor)] as const)))
    const matrix = (rows: number, columns: number, seed: number) => stored('F32', [rows, columns], countingNumbers(rows * columns, seed))
    const experts = [0, 1].flatMap((expert) => [
      [`${layer}.experts.${expert}.w1.weight`, matrix(WIDTH, HIDDEN, expert)] as const,
      [`${layer}.experts.${expert}.w2.weight`, matrix(HIDDEN, WIDTH, expert)] as const,
      [`${layer}.experts.${expert}.w3.weight`, matrix(WIDTH, HIDDEN, expert)] as const,
    ])
    const tensors = { ...shared, ...Object.fromEntries(experts), [`${layer}.gate.weight`]: matrix(2, HIDDEN, 3) }
    const mixtral = { ...(await folderCheckpoint(config, tensors)), folder: plain.folder }
    const { file } = await converted(mixtral)
    const gguf = await openCheckpoint(fileFolder('file', new Map([['base.gguf', file]])), 'base.gguf')
    const adapter = await adapterFolder(
      {
        [`base_model.model.${layer}.experts.0.w1.lora_A.weight`]: stored('F32', [RANK, HIDDEN], countingNumbers(RANK * HIDDEN, 1)),
        [`base_model.model.${layer}.experts.0.w1.lora_B.weight`]: stored('F32', [WIDTH, RANK], countingNumbers(RANK * WIDTH, 2)),
      },
      lora(),
    )
    await expect(opened(gguf, { adapter })).rejects.toMatchObject({
      code: 'convert/adapter-target',
      message: expect.stringContaining('together'),
    })
    await plain.close()
  })
})
