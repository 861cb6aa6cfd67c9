// The decoder of a Llama-shaped model in the words of `@fs/arch`. Where its weights stand is in `llama.ts`.
import type { DecoderSpec } from '@fs/arch'
import { attentionSpec, decoderFrame, halfSplitRope, preNormLayer, rmsNorm } from '@fs/arch/common-decoder'
import { activationNamed } from '@fs/arch/common-fields'
import type { ConfigOf } from '@fs/arch/fields'
import type { llamaFields } from './fields.ts'

export type LlamaConfig = ConfigOf<ReturnType<typeof llamaFields>>

/** @param window tokens a position sees, or null for all */
export function llamaDecoder(config: LlamaConfig, window: number | null): DecoderSpec {
  const { heads, keyValueHeads, headDimension, ropeDimensions: dimensions, rope, queryBias, outputBias } = config
  const norm = rmsNorm(config.epsilon)
  const layer = preNormLayer(norm, {
    attention: attentionSpec({
      heads,
      keyValueHeads,
      headDimension,
      window,
      bias: { query: queryBias, key: queryBias, value: queryBias, output: outputBias },
      position: halfSplitRope(dimensions, rope),
    }),
    feedForward: {
      kind: 'glu',
      width: config.feedForwardWidth,
      activation: activationNamed(config.activation),
      bias: config.feedForwardBias,
    },
  })
  return { ...decoderFrame(config), layers: Array.from({ length: config.layers }, () => layer), outputNorm: norm }
}
