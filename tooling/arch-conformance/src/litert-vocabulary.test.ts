// Every feature of a description that a LiteRT graph can express, one at a time: LiteRT and ONNX Runtime, which share no line of ours behind the
// description, give the same logits. Weights are made up, so no checkpoint is needed.
import { canonicalTensors, type DecoderSpec, type LayerSpec, type NormSpec } from '@fs/arch'
import type { WeightReader } from '@fs/litertlm/graph'
import { openLanguageModel } from '@fs/runtime'
import { nodeBackend } from '@fs/runtime/node'
import { expect, test } from 'vitest'
import { openLitert } from './litert.test-support.ts'

const rms: NormSpec = { kind: 'rms', epsilon: 1e-5, weightOffset: 0 }
const offset: NormSpec = { kind: 'rms', epsilon: 1e-6, weightOffset: 1 }

type Sequential = Extract<LayerSpec, { kind: 'sequential' }>
type Attention = Sequential['attention']

const attention: Attention = {
  kind: 'attention',
  heads: 4,
  keyValueHeads: 2,
  headDimension: 16,
  scale: 0.25,
  causal: true,
  window: null,
  softCap: null,
  clamp: null,
  bias: { query: false, key: false, value: false, output: false },
  queryKeyNorm: null,
  position: { kind: 'rope', dimensions: 16, base: 10000, pairing: 'half-split', scaling: { kind: 'none' } },
}

const layer: Sequential = {
  kind: 'sequential',
  attention,
  feedForward: { kind: 'glu', width: 96, activation: 'silu', bias: false },
  attentionNorm: rms,
  attentionPostNorm: null,
  feedForwardNorm: rms,
  feedForwardPostNorm: null,
}

const decoder: DecoderSpec = {
  kind: 'decoder',
  vocabularySize: 80,
  hiddenSize: 64,
  contextLength: 64,
  embedding: { scale: null, positions: null, tokenTypes: null, norm: null },
  layers: [layer, layer],
  outputNorm: rms,
  head: { kind: 'untied', bias: false, softCap: null },
}

const withLayer = (changes: Partial<Sequential>): DecoderSpec => ({ ...decoder, layers: [{ ...layer, ...changes }, layer] })
const withAttention = (changes: Partial<Attention>): DecoderSpec => withLayer({ attention: { ...attention, ...changes } })
const withRope = (changes: object): DecoderSpec =>
  withAttention({ position: { ...attention.position, ...changes } as Attention['position'] })

const FEATURES: readonly (readonly [string, DecoderSpec])[] = [
  ['nothing special', decoder],
  ['one query head for each key', withAttention({ keyValueHeads: 4 })],
  ['one key for all', withAttention({ keyValueHeads: 1 })],
  ['another scale', withAttention({ scale: 1 })],
  ['a window', withAttention({ window: 3 })],
  ['biases', withAttention({ bias: { query: true, key: true, value: true, output: true } })],
  ['norms of queries and keys', withAttention({ queryKeyNorm: { norm: offset, over: 'head' } })],
  ['norms over all heads', withAttention({ queryKeyNorm: { norm: rms, over: 'all-heads' } })],
  ['a part of each head rotated', withRope({ dimensions: 8 })],
  ['another rotary base', withRope({ base: 500000 })],
  ['linear scaling', withRope({ scaling: { kind: 'linear', factor: 4 } })],
  [
    'llama3 scaling',
    withRope({
      scaling: { kind: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 16 },
    }),
  ],
  ['factors from a file', withRope({ scaling: { kind: 'factors', factors: [1, 1, 1.5, 2, 2, 3, 4, 8] } })],
  [
    'longrope within the original length',
    withRope({
      scaling: {
        kind: 'longrope',
        shortFactors: [1, 1.1, 1.2, 1.3, 1.5, 2, 2.5, 3],
        longFactors: [1, 2, 3, 4, 5, 6, 7, 8],
        originalContextLength: 48,
        attentionFactor: 1.19,
      },
    }),
  ],
  ['norms after each half', withLayer({ attentionPostNorm: offset, feedForwardPostNorm: offset })],
  [
    'only norms after each half',
    withLayer({ attentionNorm: null, feedForwardNorm: null, attentionPostNorm: rms, feedForwardPostNorm: rms }),
  ],
  ['gelu', withLayer({ feedForward: { kind: 'glu', width: 96, activation: 'gelu', bias: true } })],
  ['gelu by its tanh', withLayer({ feedForward: { kind: 'glu', width: 96, activation: 'gelu-tanh', bias: false } })],
  ['a feed-forward without a gate', withLayer({ feedForward: { kind: 'mlp', width: 96, activation: 'relu', bias: true } })],
  [
    'scaled embeddings and a tied head',
    { ...decoder, embedding: { ...decoder.embedding, scale: 8 }, head: { ...decoder.head, kind: 'tied' } },
  ],
  ['a head with a bias', { ...decoder, head: { ...decoder.head, bias: true } }],
  ['no norm at the end', { ...decoder, outputNorm: null }],
]

/** Numbers that depend on the tensor's name and the place alone; norms are around one. */
function madeUp(spec: DecoderSpec): WeightReader & { typeOf(name: string): 'F32' } {
  const shapes = new Map(canonicalTensors(spec).map(({ name, shape }) => [name, shape]))
  const numberAt = (seed: number, index: number): number => {
    const mixed = Math.imul(seed ^ (index + 0x9e3779b9), 0x85ebca6b)
    return (Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 8) / 2 ** 24 - 0.5
  }
  return {
    typeOf: () => 'F32',
    read: async (name, firstRow, rows) => {
      const shape = shapes.get(name)!
      const width = shape.length === 1 ? 1 : shape.at(-1)!
      const seed = [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619), 2166136261)
      const middle = /norm\.weight$/.test(name) ? 1 : 0
      const values = Float32Array.from({ length: rows * width }, (_, index) => middle + 0.4 * numberAt(seed, firstRow * width + index))
      return { type: 'F32', bytes: new Uint8Array(values.buffer) }
    },
  }
}

const TOKENS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 35, 8, 79, 7, 9]

test.each(FEATURES)('%s', async (_, spec) => {
  const weights = madeUp(spec)
  const litert = await openLitert(spec, weights, { quantization: 'none', cacheLength: 32, prefillLengths: [1, 8], weights: 'outside' })
  const onnx = await openLanguageModel({ spec, weights, backend: nodeBackend({ threads: 1 }), arithmetic: 'exact' })
  const [left, right] = [litert.start(), onnx.createSequence()]
  // A prompt in pieces, one of them padded, then token by token.
  for (const tokens of [TOKENS, [11], [12]]) {
    const actual = await left.feed(tokens)
    const expected = await onnx.prefill({ sequence: right, tokens }, 'last')
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const difference = expected.reduce((most, value, index) => Math.max(most, Math.abs(value - actual[index]!)), 0)
    expect(difference / largest).toBeLessThan(1e-5)
  }
  left.dispose()
  right.dispose()
  litert.dispose()
  await onnx.dispose()
})
