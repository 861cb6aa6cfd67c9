// An ONNX folder holds, byte for byte, what a runtime would pack for the same graph; the files beside it say how to load it.
import type { DecoderSpec } from '@fs/arch'
import type { Checkpoint, GgmlType } from '@fs/core'
import { decoderGraph, type FloatType, type GraphOptions, layoutExternalData, packTensors, type WeightReader } from '@fs/onnx'
import { blockFormatOf } from '@fs/onnx/rows'
import { plainRowCodec } from '@fs/quant'
import { describe, expect, test } from 'vitest'
import { filesOf, json, openFiles, parsed, TOKENIZER_JSON, text, tinyGpt2, tinyLlama } from '../folder/tiny-models.test-support.ts'
import { type OpenedModel, openModel } from '../open-model.ts'
import { countingNumbers, folderCheckpoint, stored } from '../sources/in-memory.test-support.ts'
import { modelWeights } from '../weight-reader.ts'
import { type OnnxRequest, planOnnx } from './plan-onnx.ts'
import { weightTypes } from './weight-types.ts'

const VOCABULARY = 6
const WIDE = 256

function model(config: object, shapes: { readonly [name: string]: readonly number[] }): Promise<Checkpoint> {
  const tensors = Object.entries(shapes).map(([name, shape], seed) => {
    const length = shape.reduce((product, size) => product * size, 1)
    return [name, stored('F32', shape, countingNumbers(length, seed))] as const
  })
  const sizes = { hidden_size: WIDE, intermediate_size: 512, num_hidden_layers: 1, num_attention_heads: 4, max_position_embeddings: 32 }
  return folderCheckpoint({ ...sizes, ...config }, Object.fromEntries(tensors), { 'tokenizer.json': TOKENIZER_JSON })
}

const attention = Object.fromEntries(['q', 'k', 'v', 'o'].map((part) => [`model.layers.0.self_attn.${part}_proj.weight`, [WIDE, WIDE]]))
const outer = {
  'model.embed_tokens.weight': [VOCABULARY, WIDE],
  'model.layers.0.input_layernorm.weight': [WIDE],
  'model.layers.0.post_attention_layernorm.weight': [WIDE],
  'model.norm.weight': [WIDE],
}

const LLAMA = {
  ...outer,
  ...attention,
  'model.layers.0.mlp.gate_proj.weight': [512, WIDE],
  'model.layers.0.mlp.up_proj.weight': [512, WIDE],
  'model.layers.0.mlp.down_proj.weight': [WIDE, 512],
}

const wideLlama = () => model({ architectures: ['LlamaForCausalLM'] }, LLAMA)

const mixtral = () =>
  model(
    { architectures: ['MixtralForCausalLM'], num_local_experts: 3, num_experts_per_tok: 2 },
    {
      ...outer,
      ...attention,
      'lm_head.weight': [VOCABULARY, WIDE],
      'model.layers.0.block_sparse_moe.gate.weight': [3, WIDE],
      ...Object.fromEntries(
        [0, 1, 2].flatMap((expert) => [
          [`model.layers.0.block_sparse_moe.experts.${expert}.w1.weight`, [512, WIDE]],
          [`model.layers.0.block_sparse_moe.experts.${expert}.w2.weight`, [WIDE, 512]],
          [`model.layers.0.block_sparse_moe.experts.${expert}.w3.weight`, [512, WIDE]],
        ]),
      ),
    },
  )

const folder = { pathFor: (name: string) => name }

async function written(checkpoint: Promise<Checkpoint>, request: Omit<OnnxRequest, 'pathFor'>) {
  const opened = await openModel(await checkpoint)
  const plan = await planOnnx(opened, { ...request, ...folder })
  return { opened, plan, files: await filesOf(opened, plan) }
}

/** Weights as the plan's types have them, for the packer. */
function encodedAs(opened: OpenedModel, typeOf: (name: string) => GgmlType): WeightReader {
  const weights = modelWeights(opened)
  const codec = plainRowCodec()
  return {
    typeOf,
    read: async (name, firstRow, rows) => {
      const { type: from, bytes } = await weights.read(name, firstRow, rows)
      const to = typeOf(name)
      if (from === to) return { type: to, bytes }
      codec.input(bytes.length).set(bytes)
      const rowLength = bytes.length / (4 * rows)
      return { type: to, bytes: codec.encode({ from, to, rows, rowLength }).slice() }
    },
  }
}

async function expectPacked(
  opened: OpenedModel,
  files: ReadonlyMap<string, Uint8Array>,
  fileName: string,
  quant: string,
  precision: FloatType,
) {
  const { blocks } = weightTypes(opened, quant, {}, [])
  const typeOf = (name: string): GgmlType => blocks.get(name)?.type ?? 'F32'
  const formatOf: GraphOptions['formatOf'] = (name) => blockFormatOf(typeOf(name)) ?? { kind: 'float' }
  const spec = opened.description.spec as DecoderSpec
  const options = {
    precision,
    arithmetic: 'fast',
    attention: 'fused',
    formatOf,
    control: 'all',
    contextLength: spec.contextLength,
  } as const
  const graph = decoderGraph(spec, options)
  const { places } = layoutExternalData(graph.initializers, fileName, 2e9)
  let compared = 0
  for await (const { tensor, data } of packTensors(graph.initializers, encodedAs(opened, typeOf))) {
    const { location, offset } = places.get(tensor.data)!
    expect(Buffer.compare(files.get(`onnx/${location}`)!.subarray(offset, offset + data.length), data), tensor.name).toBe(0)
    compared++
  }
  expect(compared).toBeGreaterThan(8)
}

describe('weights of a model file are those a runtime would pack', () => {
  test.each([
    ['f32', 'model.onnx', 'float32'],
    ['f16', 'model_fp16.onnx', 'float16'],
    ['q8_0', 'model_quantized.onnx', 'float32'],
    ['q4_0', 'model_q4.onnx', 'float32'],
    ['q4_k_m', 'model_q4.onnx', 'float32'],
    ['q4_0', 'model_q4f16.onnx', 'float16'],
  ] as const)('a Llama in %s as %s', async (quant, fileName, activations) => {
    const { opened, files } = await written(wideLlama(), { quants: [quant], activations })
    expect([...files.keys()].slice(0, 2)).toEqual([`onnx/${fileName}_data`, `onnx/${fileName}`])
    await expectPacked(opened, files, fileName, quant, activations)
  })

  test.each(['f32', 'q4_0', 'q4_k_m'])('the experts of a mixture in %s', async (quant) => {
    const { opened, files } = await written(mixtral(), { quants: [quant] })
    await expectPacked(opened, files, quant === 'f32' ? 'model.onnx' : 'model_q4.onnx', quant, 'float32')
  })

  test('matrices that are stored transposed, learned positions and biases', async () => {
    const { opened, files } = await written(tinyGpt2(), { quants: ['f32'] })
    await expectPacked(opened, files, 'model.onnx', 'f32', 'float32')
  })

  test('in parts, each under the limit', async () => {
    const { plan, files } = await written(wideLlama(), { quants: ['f32'], splitMaxBytes: 600_000 })
    const parts = [...files].filter(([name]) => name.startsWith('onnx/model.onnx_data'))
    expect(parts.map(([name]) => name).slice(0, 2)).toEqual(['onnx/model.onnx_data', 'onnx/model.onnx_data_1'])
    expect(parsed(files)['transformers.js_config'].use_external_data_format).toEqual({ 'model.onnx': parts.length })
    expect(plan.outputs[0]!.size).toBe([...files.values()].reduce((sum, bytes) => sum + bytes.length, 0))
  })
})

describe('the files beside the graph', () => {
  test('say what transformers.js and onnxruntime-genai read; config.json comes last', async () => {
    const generation = { 'generation_config.json': json({ top_k: 3, do_sample: true }), 'chat_template.jinja': text('{{ messages }}') }
    const { files } = await written(tinyLlama(generation), { quants: ['f32'] })
    expect([...files.keys()].at(-1)).toBe('config.json')
    expect(files.get('tokenizer.json')).toEqual(TOKENIZER_JSON)
    expect(files.has('chat_template.jinja')).toBe(true)
    expect(parsed(files, 'tokenizer_config.json')).toMatchObject({ eos_token: '</s>', chat_template: '{{ messages }}' })
    expect(parsed(files)).toMatchObject({
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      'transformers.js_config': { dtype: 'fp32', use_external_data_format: { 'model.onnx': 1 } },
    })
    expect(parsed(files, 'generation_config.json')).toEqual({ top_k: 3, do_sample: true })
    expect(parsed(files, 'genai_config.json')).toMatchObject({
      model: {
        type: 'llama',
        bos_token_id: 1,
        eos_token_id: 2,
        context_length: 64,
        decoder: { filename: 'onnx/model.onnx', num_hidden_layers: 1, num_key_value_heads: 2 },
      },
      search: { top_k: 3, do_sample: true, max_length: 64, past_present_share_buffer: true },
    })
  })

  test('several types share a folder; the first is the one that is loaded', async () => {
    const { plan, files } = await written(wideLlama(), { quants: ['q4_0', 'f32'] })
    expect(plan.outputs.map(({ type }) => type)).toEqual(['Q4_0', 'F32'])
    expect(parsed(files)['transformers.js_config']).toEqual({
      dtype: 'q4',
      use_external_data_format: { 'model_q4.onnx': 1, 'model.onnx': 1 },
    })
    expect(parsed(files, 'genai_config.json').model.decoder.filename).toBe('onnx/model_q4.onnx')
  })

  test('rotary tables end at 8192 tokens unless more are asked for, and this is said', async () => {
    const long = () => tinyLlama({}, { max_position_embeddings: 100_000 })
    const { plan, files } = await written(long(), { quants: ['f32'] })
    expect(parsed(files, 'genai_config.json').model.context_length).toBe(8192)
    expect(plan.notices).toContainEqual(
      expect.objectContaining({ code: 'onnx/context-length', message: expect.stringContaining('100000') }),
    )
    const { files: longer } = await written(long(), { quants: ['f32'], contextLength: 9000 })
    expect(parsed(longer, 'genai_config.json').model.context_length).toBe(9000)
  })
})

describe('what is refused before anything is written', () => {
  test.each([
    ['bfloat16', { quants: ['bf16'] }, /no bfloat16/],
    ['float16 weights and float32 activations', { quants: ['f16'], activations: 'float32' }, /leave out --precision/],
    ['8-bit weights and float16 activations', { quants: ['q8_0'], activations: 'float16' }, /no name/],
    ['two types of one file name', { quants: ['q4_0', 'q4_1'] }, /Q4_0 and Q4_1 would both be model_q4.onnx/],
  ] as const)('%s', async (_what, request, message) => {
    await expect(written(wideLlama(), request)).rejects.toMatchObject({
      code: 'convert/onnx-type',
      message: expect.stringMatching(message),
    })
  })

  test('more parts than transformers.js reads', async () => {
    const layers = Array.from({ length: 24 }, (_, layer) => layer)
    const shapes = Object.entries(LLAMA).flatMap(([name, shape]) =>
      layers.map((layer) => [name.replace('.0.', `.${layer}.`), shape] as const),
    )
    const deep = model({ architectures: ['LlamaForCausalLM'], num_hidden_layers: 24 }, Object.fromEntries(shapes))
    await expect(written(deep, { quants: ['f32'], splitMaxBytes: 10 })).rejects.toMatchObject({
      code: 'convert/onnx-type',
      message: expect.stringContaining('more than the 100'),
    })
  })

  test('more tokens than there are learned positions', async () => {
    await expect(written(tinyGpt2(), { quants: ['f32'], contextLength: 99 })).rejects.toMatchObject({ code: 'convert/context-length' })
  })

  test('a folder that is such an export already', async () => {
    const { files } = await written(tinyLlama(), { quants: ['f32'] })
    await expect(openModel(await openFiles(files))).rejects.toMatchObject({ code: 'convert/exported' })
  })
})
