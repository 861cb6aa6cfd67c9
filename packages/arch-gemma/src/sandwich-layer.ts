// The layer of Gemma 2 and 3: a norm before and a norm after each half. The rows of its four norms are in `weights.ts`.
import type { LayerSpec, NormSpec } from '@fs/arch'

export const sandwichLayer = (norm: NormSpec, halves: Pick<LayerSpec, 'attention' | 'feedForward'>): LayerSpec => ({
  kind: 'sequential',
  attentionNorm: norm,
  attentionPostNorm: norm,
  feedForwardNorm: norm,
  feedForwardPostNorm: norm,
  ...halves,
})
