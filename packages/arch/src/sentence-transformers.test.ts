// What the modules of sentence-transformers say, in every spelling of theirs and in GGUF's.
import type { JsonObject, MetadataValue } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { fullKey, ggufView, huggingFaceView } from './checkpoint-view.ts'
import { type DenseLayer, denseLayers, denseNotInGguf, normalizeNotices, pooling } from './sentence-transformers.ts'

const modules = (settings: JsonObject) => huggingFaceView({ sentence_transformers: settings }, new Map())

const gguf = (entries: readonly (readonly [string, MetadataValue])[], shapes: { readonly [name: string]: readonly number[] } = {}) =>
  ggufView(
    new Map([
      ['general.architecture', { type: 'STRING', value: 'gemma-embedding' }],
      ...entries.map(([key, value]) => [fullKey(key, 'gemma-embedding'), value] as const),
    ]),
    new Map(Object.entries(shapes)),
  )

describe('pooling', () => {
  test.each([
    ['mean', { pooling_mode_mean_tokens: true }],
    ['first', { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false }],
    ['last', { pooling_mode_lasttoken: true }],
    ['first', { pooling_mode: 'cls' }],
    ['mean', { pooling_mode: 'mean', pooling_mode_mean_tokens: true, pooling_mode_max_tokens: false }],
    ['none', {}],
  ])('%s', (expected, settings) => {
    expect(pooling().fromHuggingFace(modules(settings))).toBe(expected)
  })

  test.each<[what: string, settings: JsonObject]>([
    ['by the largest of each number', { pooling_mode_max_tokens: true, pooling_mode_mean_tokens: false }],
    ['in two ways at once', { pooling_mode_mean_tokens: true, pooling_mode_cls_token: true }],
    ['by a name nobody knows', { pooling_mode: 'weightedmean' }],
    ['by what is no name', { pooling_mode: ['mean', 'cls'] }],
  ])('%s is refused', (_what, settings) => {
    expect(() => pooling().fromHuggingFace(modules(settings))).toThrow(expect.objectContaining({ code: 'arch/config-invalid' }))
  })

  test.each(['none', 'mean', 'first', 'last'] as const)('%s survives the way through either form', (name) => {
    const field = pooling()
    expect(field.fromGguf(gguf(field.toGguf(name)))).toBe(name)
    expect(field.fromHuggingFace(huggingFaceView(field.toHuggingFace(name), new Map()))).toBe(name)
  })
})

describe('linear layers', () => {
  test('have a bias and a tanh unless their configuration says otherwise', () => {
    const read = (module: JsonObject) => denseLayers().fromHuggingFace(modules({ dense: [module] }))[0]
    expect(read({ in_features: 4, out_features: 8 })).toEqual({ inputSize: 4, outputSize: 8, bias: true, activation: 'tanh' })
    const plain = { in_features: 4, out_features: 8, bias: false, activation_function: 'torch.nn.modules.linear.Identity' }
    expect(read(plain)).toEqual({ inputSize: 4, outputSize: 8, bias: false, activation: 'identity' })
  })

  test.each<[what: string, module: JsonObject]>([
    ['no size', { out_features: 8 }],
    ['a size of no matrix', { in_features: 2 ** 40, out_features: 8 }],
    ['an activation without a formula here', { in_features: 4, out_features: 8, activation_function: 'torch.nn.modules.activation.Mish' }],
    ['an activation with the name of every object’s method', { in_features: 4, out_features: 8, activation_function: 'constructor' }],
  ])('with %s are refused', (_what, module) => {
    expect(() => denseLayers().fromHuggingFace(modules({ dense: [module] }))).toThrow(
      expect.objectContaining({ code: 'arch/config-invalid' }),
    )
  })

  test('survive the way through either form', () => {
    const layers: readonly DenseLayer[] = [
      { inputSize: 4, outputSize: 8, bias: false, activation: 'identity' },
      { inputSize: 8, outputSize: 4, bias: false, activation: 'identity' },
    ]
    const field = denseLayers()
    const shapes = { 'dense_2.weight': [8, 4], 'dense_3.weight': [4, 8] }
    expect(field.fromGguf(gguf(field.toGguf(layers), shapes))).toEqual(layers)
    expect(field.fromHuggingFace(huggingFaceView(field.toHuggingFace(layers), new Map()))).toEqual(layers)
  })
})

test('what a GGUF cannot hold is said', () => {
  expect(normalizeNotices({ normalize: false })).toEqual([])
  expect(normalizeNotices({ normalize: true })).toMatchObject([{ code: 'gguf/normalize' }])
  expect(denseNotInGguf({ dense: [] })).toBeUndefined()
  expect(denseNotInGguf({ dense: [{ inputSize: 4, outputSize: 4, bias: true, activation: 'tanh' }] })).toMatch(/no linear layers/)
})
