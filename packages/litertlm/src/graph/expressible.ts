// Which descriptions the graph has operators for. A refusal names the feature and the layer; nothing is left out silently.
import type { AttentionSpec, DecoderSpec, LayerSpec, NormSpec, PositionSpec } from '@fs/arch'
import { litertlmError } from '../errors.ts'
import type { DenseFeedForward } from './feed-forward.ts'
import type { Rope } from './rotary.ts'

type Rms = Extract<NormSpec, { kind: 'rms' }>

/** A layer the graph can express: two halves one after the other, rms norms, no experts. */
export type ExpressibleLayer = {
  readonly attention: AttentionSpec
  readonly feedForward: DenseFeedForward
  readonly attentionNorm: Rms | null
  readonly attentionPostNorm: Rms | null
  readonly feedForwardNorm: Rms | null
  readonly feedForwardPostNorm: Rms | null
}

export type ExpressibleDecoder = { readonly layers: readonly ExpressibleLayer[]; readonly outputNorm: Rms | null }

/**
 * @param cacheLength most positions there can be
 * @throws FsError `litertlm/not-expressible`, with the first thing that stands in the way
 */
export function expressible(spec: DecoderSpec, cacheLength: number): ExpressibleDecoder {
  const { embedding, head } = spec
  if (embedding.positions !== null) refuse('learned positions')
  if (embedding.tokenTypes !== null) refuse('token types')
  if (embedding.norm !== null) refuse('a norm of the embedding')
  if (head.softCap !== null) refuse('a soft cap on logits')
  return {
    layers: spec.layers.map((layer, index) => expressibleLayer(layer, cacheLength, `layer ${index}`)),
    outputNorm: rmsOrNone(spec.outputNorm, 'the output'),
  }
}

function expressibleLayer(layer: LayerSpec, cacheLength: number, place: string): ExpressibleLayer {
  if (layer.kind !== 'sequential') refuse(layer.kind === 'parallel' ? 'attention beside the feed-forward' : 'norms after the sum', place)
  if (layer.feedForward.kind === 'mixture') refuse('a mixture of experts', place)
  checkAttention(layer.attention, cacheLength, place)
  return {
    attention: layer.attention,
    feedForward: layer.feedForward,
    attentionNorm: rmsOrNone(layer.attentionNorm, place),
    attentionPostNorm: rmsOrNone(layer.attentionPostNorm, place),
    feedForwardNorm: rmsOrNone(layer.feedForwardNorm, place),
    feedForwardPostNorm: rmsOrNone(layer.feedForwardPostNorm, place),
  }
}

function checkAttention(attention: AttentionSpec, cacheLength: number, place: string): void {
  if (!attention.causal) refuse('attention to later tokens', place)
  if (attention.softCap !== null) refuse('a soft cap on attention', place)
  if (attention.clamp !== null) refuse('clipped queries, keys and values', place)
  rmsOrNone(attention.queryKeyNorm?.norm ?? null, place)
  checkPositions(attention.position, cacheLength, place)
}

/** @throws FsError unless the angle of a position does not depend on the length of the text */
function checkPositions(position: PositionSpec, cacheLength: number, place: string): asserts position is Rope {
  if (position.kind === 'alibi') refuse('ALiBi', place)
  if (position.kind === 'none') refuse('attention without positions', place)
  if (position.pairing === 'interleaved') refuse('interleaved rotary pairs', place)
  switch (position.scaling.kind) {
    case 'none':
    case 'linear':
    case 'llama3':
    case 'factors':
      return
    case 'longrope': {
      // Texts within the original length have one set of factors; past it another, and no graph can change its mind.
      const { originalContextLength } = position.scaling
      return cacheLength <= originalContextLength
        ? undefined
        : refuse(`longrope scaling of rotary positions past ${originalContextLength}`, place)
    }
    case 'yarn':
      return refuse('yarn scaling of rotary positions', place)
    default:
      return position.scaling satisfies never
  }
}

function rmsOrNone(norm: NormSpec | null, place: string): Rms | null {
  if (norm?.kind === 'layer') refuse('layer norms', place)
  return norm as Rms | null
}

function refuse(feature: string, place = 'the model'): never {
  const message = `${place} asks for ${feature}, which a LiteRT-LM graph of ours does not have; convert to gguf or onnx instead`
  throw litertlmError('litertlm/not-expressible', message, { feature, place })
}
