// Small descriptions, one for each thing the vocabulary can say, all made from one plain decoder.
import type { AttentionSpec, DecoderSpec, FeedForwardSpec, LayerSpec, NormSpec, PositionSpec } from '@fs/arch'

const rms: NormSpec = { kind: 'rms', epsilon: 1e-6, weightOffset: 0 }
const layerNorm: NormSpec = { kind: 'layer', epsilon: 1e-5, bias: true }

const rope: Extract<PositionSpec, { kind: 'rope' }> = {
  kind: 'rope',
  dimensions: 16,
  base: 10000,
  pairing: 'half-split',
  scaling: { kind: 'none' },
}

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
  bias: { query: false, key: false, value: false, output: false },
  queryKeyNorm: null,
  position: rope,
}

const glu: FeedForwardSpec = { kind: 'glu', width: 64, activation: 'silu', bias: false }

const layer: Extract<LayerSpec, { kind: 'sequential' }> = {
  kind: 'sequential',
  attentionNorm: rms,
  attentionPostNorm: null,
  feedForwardNorm: rms,
  feedForwardPostNorm: null,
  attention,
  feedForward: glu,
}

const decoder: DecoderSpec = {
  kind: 'decoder',
  vocabularySize: 48,
  hiddenSize: 32,
  contextLength: 64,
  embedding: { scale: null, positions: null, tokenTypes: null, norm: null },
  layers: [layer, layer],
  outputNorm: rms,
  head: { kind: 'tied', bias: false, softCap: null },
}

const withLayer = (change: Partial<Extract<LayerSpec, { kind: 'sequential' }>>): DecoderSpec => ({
  ...decoder,
  layers: [
    { ...layer, ...change },
    { ...layer, ...change },
  ],
})
const withAttention = (change: Partial<AttentionSpec>): DecoderSpec => withLayer({ attention: { ...attention, ...change } })
const withRope = (change: Partial<typeof rope>): DecoderSpec => withAttention({ position: { ...rope, ...change } })
const withFeedForward = (feedForward: FeedForwardSpec): DecoderSpec => withLayer({ feedForward })

/** Divisors of the eight pairs of `rope`. */
const factors = [1, 1.1, 1.3, 1.6, 2, 3, 5, 8]

export const SMALL_DECODERS: { readonly [what: string]: DecoderSpec } = {
  plain: decoder,
  'untied head with bias and soft cap': { ...decoder, head: { kind: 'untied', bias: true, softCap: 3 } },
  'tied head with soft cap': { ...decoder, head: { kind: 'tied', bias: false, softCap: 2 } },
  'tied head with bias': { ...decoder, head: { kind: 'tied', bias: true, softCap: null } },
  'scaled embedding, its own norm': { ...decoder, embedding: { scale: 5.5, positions: null, tokenTypes: null, norm: layerNorm } },
  'learned positions, token types': {
    ...withAttention({ position: { kind: 'none' } }),
    embedding: { scale: null, positions: 64, tokenTypes: 2, norm: null },
  },
  'no output norm': { ...decoder, outputNorm: null },
  'rms norms with weights stored minus one': withLayer({
    attentionNorm: { ...rms, weightOffset: 1 },
    feedForwardNorm: { ...rms, weightOffset: 1 },
  }),
  'norms after the halves too': withLayer({ attentionPostNorm: rms, feedForwardPostNorm: rms }),
  'norms only after the halves': withLayer({
    attentionNorm: null,
    feedForwardNorm: null,
    attentionPostNorm: rms,
    feedForwardPostNorm: rms,
  }),
  'classic norms': { ...withLayer({ attentionNorm: layerNorm, feedForwardNorm: layerNorm }), outputNorm: layerNorm },
  'classic norms without bias': withLayer({
    attentionNorm: { ...layerNorm, bias: false },
    feedForwardNorm: { ...layerNorm, bias: false },
  }),
  'parallel halves': {
    ...decoder,
    layers: [0, 1].map(() => ({ kind: 'parallel', attentionNorm: layerNorm, feedForwardNorm: null, attention, feedForward: glu })),
  },
  'parallel halves with two norms': {
    ...decoder,
    layers: [0, 1].map(() => ({ kind: 'parallel', attentionNorm: layerNorm, feedForwardNorm: rms, attention, feedForward: glu })),
  },
  'norms after the sums': {
    ...decoder,
    layers: [0, 1].map(() => ({
      kind: 'post-norm',
      attentionPostNorm: layerNorm,
      feedForwardPostNorm: layerNorm,
      attention,
      feedForward: glu,
    })),
  },
  'a mixture of both window kinds': {
    ...decoder,
    layers: [
      { ...layer, attention: { ...attention, window: 4 } },
      { ...layer, attention: { ...attention, position: { ...rope, base: 500 } } },
    ],
  },
  'window of one': withAttention({ window: 1 }),
  'window of seven and a soft cap': withAttention({ window: 7, softCap: 1.5 }),
  'odd scale': withAttention({ scale: 0.9 }),
  'soft cap': withAttention({ softCap: 0.8 }),
  'clamped projections': withAttention({ clamp: 0.3 }),
  'clamped projections with biases': withAttention({ clamp: 0.3, bias: { query: true, key: true, value: true, output: true } }),
  'biases of queries and values only': withAttention({ bias: { query: true, key: false, value: true, output: false } }),
  'norms of queries and keys by head': withAttention({ queryKeyNorm: { norm: rms, over: 'head' } }),
  'classic norms of queries and keys by head': withAttention({ queryKeyNorm: { norm: layerNorm, over: 'head' } }),
  'norms of queries and keys over all heads': withAttention({ queryKeyNorm: { norm: rms, over: 'all-heads' } }),
  'one key head': withAttention({ keyValueHeads: 1 }),
  'as many key heads as queries': withAttention({ keyValueHeads: 4 }),
  'heads of 12': withAttention({ headDimension: 12, position: { ...rope, dimensions: 12 } }),
  'heads of 5 without positions': withAttention({ headDimension: 5, position: { kind: 'none' } }),
  'heads of 8': withAttention({ headDimension: 8, position: { ...rope, dimensions: 8 } }),
  'heads of 20, ten dimensions rotated': withAttention({ headDimension: 20, position: { ...rope, dimensions: 10 } }),
  'heads of 32, half rotated': withAttention({ headDimension: 32 }),
  'heads of 32, a quarter rotated in neighbouring pairs': withAttention({
    headDimension: 32,
    position: { ...rope, dimensions: 8, pairing: 'interleaved' },
  }),
  'rotation in neighbouring pairs': withRope({ pairing: 'interleaved' }),
  'linear rope scaling': withRope({ scaling: { kind: 'linear', factor: 4 } }),
  'llama3 rope scaling': withRope({
    scaling: { kind: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 16 },
  }),
  'yarn rope scaling': withRope({
    scaling: { kind: 'yarn', factor: 4, originalContextLength: 16, betaFast: 32, betaSlow: 1, attentionFactor: 1.1, truncate: true },
  }),
  'longrope within one range': withRope({
    scaling: {
      kind: 'longrope',
      shortFactors: factors,
      longFactors: factors.map((factor) => 4 * factor),
      originalContextLength: 64,
      attentionFactor: 1.2,
    },
  }),
  'longrope across its boundary': withRope({
    scaling: {
      kind: 'longrope',
      shortFactors: factors,
      longFactors: factors.map((factor) => 4 * factor),
      originalContextLength: 11,
      attentionFactor: 1.2,
    },
  }),
  'rope divisors from a file': withRope({ scaling: { kind: 'factors', factors } }),
  alibi: withAttention({ position: { kind: 'alibi', maximumBias: 8 } }),
  'alibi with six heads': withAttention({ heads: 6, keyValueHeads: 6, position: { kind: 'alibi', maximumBias: 8 } }),
  'alibi with a window': withAttention({ window: 5, position: { kind: 'alibi', maximumBias: 4 } }),
  'plain feed-forward with biases': withFeedForward({ kind: 'mlp', width: 48, activation: 'gelu', bias: true }),
  'plain feed-forward, tanh approximation': withFeedForward({ kind: 'mlp', width: 48, activation: 'gelu-tanh', bias: false }),
  'plain feed-forward, relu': withFeedForward({ kind: 'mlp', width: 48, activation: 'relu', bias: false }),
  'gated feed-forward with biases': withFeedForward({ kind: 'glu', width: 48, activation: 'gelu-tanh', bias: true }),
  'experts, two of five': withFeedForward({
    kind: 'mixture',
    experts: 5,
    expertsUsed: 2,
    width: 24,
    activation: 'silu',
    normalizeWeights: true,
  }),
  'experts, one of three, weights as they are': withFeedForward({
    kind: 'mixture',
    experts: 3,
    expertsUsed: 1,
    width: 24,
    activation: 'silu',
    normalizeWeights: false,
  }),
}

/** One layer of the same with rows of 256, so that every stored type has whole blocks. */
export const wideRows = (spec: DecoderSpec): DecoderSpec => ({
  ...spec,
  hiddenSize: 256,
  layers: spec.layers.slice(0, 1).map((layer) => ({
    ...layer,
    attention: { ...layer.attention, heads: 8, keyValueHeads: 2, headDimension: 32 },
    feedForward: { ...layer.feedForward, width: 256 },
  })),
})
