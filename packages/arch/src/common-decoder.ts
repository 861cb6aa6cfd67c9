// Pieces of a description with the values most families share filled in, so that a family states only what is its own.
// These are defaults of our vocabulary, not of any model.
import type { RopeParameters } from './rope-parameters.ts'
import type { AttentionSpec, DecoderSpec, EmbeddingSpec, LayerSpec, NormSpec, PositionSpec } from './spec.ts'

type AttentionChoices = Pick<AttentionSpec, 'heads' | 'keyValueHeads' | 'headDimension' | 'position'> & Partial<AttentionSpec>

/** Causal attention over everything, scaled by the root of the head size, without biases or caps, unless said otherwise. */
export function attentionSpec(choices: AttentionChoices): AttentionSpec {
  return {
    kind: 'attention',
    scale: choices.headDimension ** -0.5,
    causal: true,
    window: null,
    softCap: null,
    clamp: null,
    bias: { query: false, key: false, value: false, output: false },
    queryKeyNorm: null,
    ...choices,
  }
}

/** Rotation of dimensions i and i + dimensions/2 together, as all but GPT-J do it. */
export function halfSplitRope(dimensions: number, { base, scaling }: Pick<RopeParameters, 'base' | 'scaling'>): PositionSpec {
  return { kind: 'rope', dimensions, base, pairing: 'half-split', scaling }
}

type SequentialLayer = Extract<LayerSpec, { kind: 'sequential' }>

/** A layer with a norm before each half. */
export function preNormLayer(norm: NormSpec, halves: Pick<LayerSpec, 'attention' | 'feedForward'>): SequentialLayer {
  return { kind: 'sequential', attentionNorm: norm, attentionPostNorm: null, feedForwardNorm: norm, feedForwardPostNorm: null, ...halves }
}

/** Token vectors as they are. */
export const plainEmbedding: EmbeddingSpec = { scale: null, positions: null, tokenTypes: null, norm: null }

export const rmsNorm = (epsilon: number): NormSpec => ({ kind: 'rms', epsilon, weightOffset: 0 })

/** Gemma's norm: the stored weight is what is added to one. */
export const offsetRmsNorm = (epsilon: number): NormSpec => ({ kind: 'rms', epsilon, weightOffset: 1 })

/** The model's frame around its layers, from a configuration that uses the common field names. */
export function decoderFrame(config: {
  readonly vocabularySize: number
  readonly hiddenSize: number
  readonly contextLength: number
  readonly untied: boolean
}) {
  return {
    kind: 'decoder',
    vocabularySize: config.vocabularySize,
    hiddenSize: config.hiddenSize,
    contextLength: config.contextLength,
    embedding: plainEmbedding,
    head: { kind: config.untied ? 'untied' : 'tied', bias: false, softCap: null },
  } as const satisfies Partial<DecoderSpec>
}
