// The shape of a graph: its inputs, outputs and the weights it asks for. What it computes is tested where it is run, in `@fs/runtime`.
import { type AttentionSpec, canonicalTensors, type DecoderSpec } from '@fs/arch'
import { expect, test } from 'vitest'
import { type DecoderGraphOptions, decoderGraph } from './decoder-graph.ts'

const norm = { kind: 'rms', epsilon: 1e-6, weightOffset: 0 } as const

const attention: AttentionSpec = {
  kind: 'attention',
  heads: 4,
  keyValueHeads: 2,
  headDimension: 16,
  scale: 0.25,
  causal: true,
  window: null,
  softCap: null,
  clamp: null,
  bias: { query: true, key: false, value: false, output: false },
  queryKeyNorm: null,
  position: { kind: 'rope', dimensions: 16, base: 10000, pairing: 'half-split', scaling: { kind: 'none' } },
}

const decoder = (change: Partial<AttentionSpec> = {}): DecoderSpec => ({
  kind: 'decoder',
  vocabularySize: 48,
  hiddenSize: 32,
  contextLength: 64,
  embedding: { scale: null, positions: null, tokenTypes: null, norm: null },
  layers: [0, 1].map(() => ({
    kind: 'sequential',
    attentionNorm: norm,
    attentionPostNorm: null,
    feedForwardNorm: norm,
    feedForwardPostNorm: null,
    attention: { ...attention, ...change },
    feedForward: { kind: 'glu', width: 64, activation: 'silu', bias: false },
  })),
  outputNorm: norm,
  head: { kind: 'untied', bias: false, softCap: null },
})

const options: DecoderGraphOptions = {
  precision: 'float32',
  arithmetic: 'exact',
  attention: 'fused',
  formatOf: () => ({ kind: 'float' }),
  control: 'last',
  contextLength: 64,
}

test.each(['fused', 'explicit'] as const)('with %s attention, inputs and outputs have the names other runners expect', (kind) => {
  const { inputs, outputs } = decoderGraph(decoder(), { ...options, attention: kind })
  const cache = [0, 1].flatMap((layer) => [`${layer}.key`, `${layer}.value`])
  expect(inputs.map(({ name }) => name).toSorted()).toEqual(
    ['input_ids', 'attention_mask', ...cache.map((name) => `past_key_values.${name}`)].toSorted(),
  )
  expect(outputs.map(({ name }) => name).toSorted()).toEqual(['logits', ...cache.map((name) => `present.${name}`)].toSorted())
})

test.each(['fused', 'explicit'] as const)('with %s attention, new keys and values can be had by themselves', (kind) => {
  const { outputs } = decoderGraph(decoder(), { ...options, attention: kind, cache: 'appended' })
  const added = ['appended.0.key', 'appended.0.value', 'appended.1.key', 'appended.1.value']
  expect(outputs.map(({ name }) => name).toSorted()).toEqual([...added, 'logits'])
  expect(outputs.find(({ name }) => name === 'appended.0.key')?.shape).toEqual(['batch_size', 'sequence_length', 2 * 16])
})

test('every weight of the description is asked for, and nothing else', () => {
  const { initializers } = decoderGraph(decoder(), options)
  const asked = initializers.flatMap(({ recipe }) =>
    'parts' in recipe ? recipe.parts.flatMap((part) => (part.kind === 'tensor' ? [part.name] : [])) : [],
  )
  expect([...new Set(asked)].toSorted()).toEqual(
    canonicalTensors(decoder())
      .map(({ name }) => name)
      .toSorted(),
  )
})

test('attention that sees what comes later is an encoder’s, and refused', () => {
  expect(() => decoderGraph(decoder({ causal: false }), options)).toThrow(
    expect.objectContaining({ code: 'onnx/not-expressible', details: { layer: 0 } }),
  )
})
