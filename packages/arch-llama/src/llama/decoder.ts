// The decoder of a Llama-shaped model in the words of `@fs/arch`. Where its weights stand is in `llama.ts`.
import type { DecoderSpec } from '@fs/arch'
import { activationNamed } from '@fs/arch/common-fields'
import type { ConfigOf } from '@fs/arch/fields'
import type { llamaFields } from './fields.ts'

export type LlamaConfig = ConfigOf<ReturnType<typeof llamaFields>>

/** @param window tokens a position sees, or null for all */
export function llamaDecoder(config: LlamaConfig, window: number | null): DecoderSpec {
  const norm = { kind: 'rms', epsilon: config.epsilon, weightOffset: 0 } as const
  return {
    kind: 'decoder',
    vocabularySize: config.vocabularySize,
    hiddenSize: config.hiddenSize,
    contextLength: config.contextLength,
    embedding: { scale: null, positions: null, tokenTypes: null, norm: null },
    layers: Array.from({ length: config.layers }, () => ({
      kind: 'sequential',
      attentionNorm: norm,
      attentionPostNorm: null,
      feedForwardNorm: norm,
      feedForwardPostNorm: null,
      attention: {
        kind: 'attention',
        heads: config.heads,
        keyValueHeads: config.keyValueHeads,
        headDimension: config.headDimension,
        scale: config.headDimension ** -0.5,
        causal: true,
        window,
        softCap: null,
        clamp: null,
        bias: { query: config.queryBias, key: config.queryBias, value: config.queryBias, output: config.outputBias },
        queryKeyNorm: null,
        position: {
          kind: 'rope',
          dimensions: config.ropeDimensions,
          base: config.rope.base,
          pairing: 'half-split',
          scaling: config.rope.scaling,
        },
      },
      feedForward: {
        kind: 'glu',
        width: config.feedForwardWidth,
        activation: activationNamed(config.activation),
        bias: config.feedForwardBias,
      },
    })),
    outputNorm: norm,
    head: { kind: config.untied ? 'untied' : 'tied', bias: false, softCap: null },
  }
}
