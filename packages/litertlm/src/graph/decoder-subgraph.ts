// One signature of a described decoder: tokens, positions, mask and cache in; cache and, when decoding, logits out.
// Names are those by which the runtime finds them (LiteRT-LM litert_compiled_model_executor_utils.cc).
import { attend, updateCache } from './attention.ts'
import type { Building } from './building.ts'
import type { ExpressibleDecoder } from './expressible.ts'
import { feedForward } from './feed-forward.ts'
import { embed, linear, multiply } from './linear.ts'
import { norm } from './norm.ts'
import { positionsOf } from './positions.ts'
import type { Value } from './subgraph-builder.ts'

type Rms = NonNullable<ExpressibleDecoder['outputNorm']>

/**
 * Adds the whole decoder to the builder. Prefilling only fills the cache: the runtime decodes the last token of a prompt, so nothing after the last
 * layer's keys and values is computed.
 */
export function decoderSubgraph(building: Building, decoder: ExpressibleDecoder, purpose: 'prefill' | 'decode'): void {
  const { builder, spec, length, options } = building
  const tokens = builder.input('tokens', 'int32', [1, length])
  const inputPositions = builder.input('input_pos', 'int32', [length])
  const mask = builder.input('mask', 'float32', [1, 1, length, options.cacheLength])
  const positions = positionsOf(building, inputPositions, mask)
  const normed = (name: string, norms: Rms | null, value: Value): Value => (norms === null ? value : norm(building, name, norms, value))

  let hidden = embed(building, tokens)
  for (const [index, layer] of decoder.layers.entries()) {
    const name = `layers.${index}`
    const attention = { name, index, spec: layer.attention }
    const input = normed(`${name}.attention_norm`, layer.attentionNorm, hidden)
    const cache = updateCache(building, attention, positions, input)
    if (purpose === 'prefill' && index === decoder.layers.length - 1) return
    const attended = normed(`${name}.attention_post_norm`, layer.attentionPostNorm, attend(building, attention, positions, cache, input))
    const between = builder.arithmetic(name, 'add', hidden, attended)
    const fed = feedForward(
      building,
      `${name}.feed_forward`,
      layer.feedForward,
      normed(`${name}.feed_forward_norm`, layer.feedForwardNorm, between),
    )
    hidden = builder.arithmetic(name, 'add', between, normed(`${name}.feed_forward_post_norm`, layer.feedForwardPostNorm, fed))
  }
  const last = normed('output_norm', decoder.outputNorm, hidden)
  const { vocabularySize, head } = spec
  const logits =
    head.kind === 'untied'
      ? linear(building, 'output', last, vocabularySize, head.bias)
      : multiply(building, 'output', 'embedding.tokens.weight', last, vocabularySize, head.bias)
  builder.output('logits', logits)
}
