// Gemma 3's layers: those of its decoder and of the encoder made of it. They differ in what a position sees.
import type { AttentionSpec, LayerSpec } from '@fs/arch'
import { attentionSpec, halfSplitRope, offsetRmsNorm } from '@fs/arch/common-decoder'
import { activationNamed } from '@fs/arch/common-fields'
import { attention, gatedFeedForward } from '@fs/arch/common-weights'
import type { ConfigOf } from '@fs/arch/fields'
import type { WeightName } from '@fs/arch/weights'
import { sandwichLayer } from '../sandwich-layer.ts'
import { embedding, offsetNorm, outputNorm, sandwichNorms } from '../weights.ts'
import type { leadingFields, trailingFields } from './fields.ts'

type Config = ConfigOf<ReturnType<typeof leadingFields> & ReturnType<typeof trailingFields>>

/** @param seen what the local layers see; the others have no window */
export function gemma3Layers(config: Config, { causal, window }: Pick<AttentionSpec, 'causal' | 'window'>): readonly LayerSpec[] {
  const { heads, keyValueHeads, headDimension: size, rope } = config
  const norm = offsetRmsNorm(config.epsilon)
  return config.local.map((isLocal) =>
    sandwichLayer(norm, {
      attention: attentionSpec({
        heads,
        keyValueHeads,
        headDimension: size,
        scale: config.queryScalar ** -0.5,
        causal,
        window: isLocal ? window : null,
        queryKeyNorm: { norm, over: 'head' },
        // Only global layers are stretched; local ones keep their own base unscaled (transformers, rope_local_base_freq).
        position: isLocal ? halfSplitRope(size, { base: rope.slidingBase ?? 10000, scaling: { kind: 'none' } }) : halfSplitRope(size, rope),
      }),
      feedForward: { kind: 'glu', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: false },
    }),
  )
}

/** @param paddingRows rows of the embedding that belong to no token */
export const gemma3Weights = (paddingRows: number): readonly WeightName[] => [
  embedding(paddingRows),
  outputNorm(),
  ...attention(),
  offsetNorm('layers.{i}.attention.query_norm', 'model.layers.{i}.self_attn.q_norm', 'blk.{i}.attn_q_norm'),
  offsetNorm('layers.{i}.attention.key_norm', 'model.layers.{i}.self_attn.k_norm', 'blk.{i}.attn_k_norm'),
  ...sandwichNorms(),
  ...gatedFeedForward(),
]
