// One layer: how attention, feed-forward, norms and the residual stream are wired. What they do inside is elsewhere.
import type { LayerSpec } from '@fs/arch'
import type { Value } from '../graph/graph-builder.ts'
import type { Building } from './building.ts'
import { feedForward } from './feed-forward.ts'
import { normNode, type Residual, residualNorm, settle } from './norm.ts'

export type LayerParts = {
  readonly building: Building
  readonly hiddenSize: number
  /** Attention of this layer over its normed input. */
  readonly attention: (value: Value) => Value
  /** What of the sequence is still needed after attention; the last layer computes no more than that. */
  readonly keep: (value: Value) => Value
}

/** @param name canonical prefix, `layers.0` */
export function layerNodes(parts: LayerParts, name: string, layer: LayerSpec, input: Residual): Residual {
  switch (layer.kind) {
    case 'sequential':
      return sequential(parts, name, layer, input)
    case 'parallel':
      return parallel(parts, name, layer, input)
    case 'post-norm':
      return postNorm(parts, name, layer, input)
    default:
      return layer satisfies never
  }
}

function sequential(parts: LayerParts, name: string, layer: Extract<LayerSpec, { kind: 'sequential' }>, input: Residual): Residual {
  const { building, hiddenSize, keep } = parts
  const before = (norm: typeof layer.attentionNorm, suffix: string, residual: Residual) => {
    if (norm !== null) return residualNorm(building, `${name}.${suffix}`, norm, hiddenSize, residual)
    const sum = settle(building, name, residual)
    return { normed: sum, residual: { sum, pending: null } }
  }
  const after = (norm: typeof layer.attentionNorm, suffix: string, value: Value): Value =>
    norm === null ? value : normNode(building, `${name}.${suffix}`, norm, hiddenSize, value)

  const first = before(layer.attentionNorm, 'attention_norm', input)
  const attended = after(layer.attentionPostNorm, 'attention_post_norm', keep(parts.attention(first.normed)))
  const second = before(layer.feedForwardNorm, 'feed_forward_norm', { sum: keep(first.residual.sum), pending: attended })
  const fed = feedForward(building, `${name}.feed_forward`, layer.feedForward, hiddenSize, second.normed)
  return { sum: second.residual.sum, pending: after(layer.feedForwardPostNorm, 'feed_forward_post_norm', fed) }
}

function parallel(parts: LayerParts, name: string, layer: Extract<LayerSpec, { kind: 'parallel' }>, input: Residual): Residual {
  const { building, hiddenSize, keep } = parts
  const { normed, residual } = residualNorm(building, `${name}.attention_norm`, layer.attentionNorm, hiddenSize, input)
  const kept = keep(residual.sum)
  const read =
    layer.feedForwardNorm === null ? keep(normed) : normNode(building, `${name}.feed_forward_norm`, layer.feedForwardNorm, hiddenSize, kept)
  const attended = keep(parts.attention(normed))
  const fed = feedForward(building, `${name}.feed_forward`, layer.feedForward, hiddenSize, read)
  return { sum: kept, pending: building.builder.node(name, 'Add', [attended, fed]) }
}

function postNorm(parts: LayerParts, name: string, layer: Extract<LayerSpec, { kind: 'post-norm' }>, input: Residual): Residual {
  const { building, hiddenSize, keep } = parts
  const value = settle(building, name, input)
  const first = residualNorm(building, `${name}.attention_post_norm`, layer.attentionPostNorm, hiddenSize, {
    sum: keep(value),
    pending: keep(parts.attention(value)),
  }).normed
  const fed = feedForward(building, `${name}.feed_forward`, layer.feedForward, hiddenSize, first)
  const second = residualNorm(building, `${name}.feed_forward_post_norm`, layer.feedForwardPostNorm, hiddenSize, {
    sum: first,
    pending: fed,
  })
  return { sum: second.normed, pending: null }
}
