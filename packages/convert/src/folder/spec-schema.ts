// The vocabulary of `@fs/arch` as a schema: what the decoder or encoder of a unified config.json may say. The types there are the truth;
// `unified-schema.test.ts` holds this against them, both ways.
import * as z from 'zod'

const size = z.int().positive()
const count = z.int().nonnegative()
const real = z.number()

const norm = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('rms'), epsilon: real, weightOffset: z.union([z.literal(0), z.literal(1)]) }),
    z.strictObject({ kind: z.literal('layer'), epsilon: real, bias: z.boolean() }),
  ])
  .meta({ id: 'norm', description: 'x / rms(x) * (weight + weightOffset), or the classic layer norm.' })

const ropeScaling = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('linear'), factor: real }),
    z.strictObject({
      kind: z.literal('llama3'),
      factor: real,
      lowFrequencyFactor: real,
      highFrequencyFactor: real,
      originalContextLength: size,
    }),
    z.strictObject({
      kind: z.literal('yarn'),
      factor: real,
      originalContextLength: size,
      betaFast: real,
      betaSlow: real,
      attentionFactor: real,
      truncate: z.boolean(),
    }),
    z.strictObject({
      kind: z.literal('longrope'),
      shortFactors: z.array(real),
      longFactors: z.array(real),
      originalContextLength: size,
      attentionFactor: real,
    }),
    z.strictObject({ kind: z.literal('factors'), factors: z.array(real) }),
  ])
  .meta({ id: 'ropeScaling', description: 'How rotary frequencies are stretched for longer contexts.' })

const position = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('rope'),
      dimensions: count,
      base: real,
      pairing: z.enum(['half-split', 'interleaved']),
      scaling: ropeScaling,
    }),
    z.strictObject({ kind: z.literal('alibi'), maximumBias: real }),
    z.strictObject({ kind: z.literal('none') }),
  ])
  .meta({ id: 'position', description: 'How attention knows the order of tokens.' })

const attention = z
  .strictObject({
    kind: z.literal('attention'),
    heads: size,
    keyValueHeads: size,
    headDimension: size,
    scale: real.meta({ description: 'Factor on query·key before softmax.' }),
    causal: z.boolean(),
    window: size.nullable().meta({
      description:
        'Tokens a position sees, itself included; null sees all. Where attention is not causal, it sees as many to the other side.',
    }),
    softCap: real.nullable().meta({ description: 'Scores become cap * tanh(score / cap).' }),
    clamp: real.nullable().meta({ description: 'Query, key and value are clipped to [-clamp, clamp].' }),
    bias: z.strictObject({ query: z.boolean(), key: z.boolean(), value: z.boolean(), output: z.boolean() }),
    queryKeyNorm: z.strictObject({ norm, over: z.enum(['head', 'all-heads']) }).nullable(),
    position,
  })
  .meta({ id: 'attention' })

const activation = z.enum(['silu', 'gelu', 'gelu-tanh', 'relu']).meta({ id: 'activation' })

const feedForward = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('glu'), width: size, activation, bias: z.boolean() }),
    z.strictObject({ kind: z.literal('mlp'), width: size, activation, bias: z.boolean() }),
    z.strictObject({
      kind: z.literal('mixture'),
      experts: size,
      expertsUsed: size,
      width: size,
      activation,
      normalizeWeights: z.boolean(),
    }),
  ])
  .meta({ id: 'feedForward' })

const halves = { attention, feedForward }

const layer = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('sequential'),
      ...halves,
      attentionNorm: norm.nullable(),
      attentionPostNorm: norm.nullable(),
      feedForwardNorm: norm.nullable(),
      feedForwardPostNorm: norm.nullable(),
    }),
    z.strictObject({ kind: z.literal('parallel'), ...halves, attentionNorm: norm, feedForwardNorm: norm.nullable() }),
    z.strictObject({ kind: z.literal('post-norm'), ...halves, attentionPostNorm: norm, feedForwardPostNorm: norm }),
  ])
  .meta({ id: 'layer', description: "How a layer's two halves and its norms are wired." })

const frame = {
  vocabularySize: size,
  hiddenSize: size,
  contextLength: size,
  embedding: z.strictObject({
    scale: real.nullable(),
    positions: size.nullable(),
    tokenTypes: size.nullable(),
    norm: norm.nullable(),
  }),
  layers: z.array(layer),
  outputNorm: norm.nullable(),
}

export const decoderSchema = z
  .strictObject({
    kind: z.literal('decoder'),
    ...frame,
    head: z.strictObject({ kind: z.enum(['tied', 'untied']), bias: z.boolean(), softCap: real.nullable() }),
  })
  .meta({ id: 'decoder', description: 'A model that continues texts, in the order of computation.' })

export const encoderSchema = z
  .strictObject({
    kind: z.literal('encoder'),
    ...frame,
    pooling: z.enum(['none', 'mean', 'first', 'last']),
    normalize: z.boolean(),
    dense: z.array(z.strictObject({ inputSize: size, outputSize: size, bias: z.boolean(), activation: z.enum(['identity', 'tanh']) })),
  })
  .meta({ id: 'encoder', description: 'A model that turns texts into vectors.' })
