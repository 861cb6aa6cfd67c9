// The canonical tensors a description implies: their names and shapes. Whoever runs or writes a model asks for these names,
// and an architecture's weight rows must produce exactly these; `define-arch.ts` holds the two against each other.
import type { FeedForwardSpec, LayerSpec, ModelSpec, NormSpec } from './spec.ts'

/** Outermost dimension first; a linear layer is [out, in]. */
export type CanonicalTensor = { readonly name: string; readonly shape: readonly number[] }

/**
 * Every tensor of the model in canonical names, in the order of computation.
 * Rope is half-split and norms are as Hugging Face stores them (see `NormSpec.weightOffset`).
 */
export function canonicalTensors(spec: ModelSpec): readonly CanonicalTensor[] {
  const { hiddenSize, vocabularySize, embedding } = spec
  const tensors: CanonicalTensor[] = [{ name: 'embedding.tokens.weight', shape: [vocabularySize, hiddenSize] }]
  if (embedding.positions !== null) tensors.push({ name: 'embedding.positions.weight', shape: [embedding.positions, hiddenSize] })
  if (embedding.tokenTypes !== null) tensors.push({ name: 'embedding.types.weight', shape: [embedding.tokenTypes, hiddenSize] })
  tensors.push(...norm('embedding.norm', embedding.norm, hiddenSize))
  for (const [index, layer] of spec.layers.entries()) tensors.push(...layerTensors(`layers.${index}`, layer, hiddenSize))
  tensors.push(...norm('output_norm', spec.outputNorm, hiddenSize))
  if (spec.kind === 'decoder') {
    if (spec.head.kind === 'untied') tensors.push({ name: 'output.weight', shape: [vocabularySize, hiddenSize] })
    if (spec.head.bias) tensors.push({ name: 'output.bias', shape: [vocabularySize] })
  } else {
    for (const [index, dense] of spec.dense.entries())
      tensors.push(...linear(`dense.${index}`, dense.outputSize, dense.inputSize, dense.bias))
  }
  return tensors
}

function layerTensors(prefix: string, layer: LayerSpec, hiddenSize: number): readonly CanonicalTensor[] {
  const { attention } = layer
  const queryRows = attention.heads * attention.headDimension
  const keyRows = attention.keyValueHeads * attention.headDimension
  const over = attention.queryKeyNorm?.over === 'all-heads'
  const queryKeyNorm = attention.queryKeyNorm?.norm ?? null
  return [
    ...norm(`${prefix}.attention_norm`, layer.kind === 'post-norm' ? null : layer.attentionNorm, hiddenSize),
    ...linear(`${prefix}.attention.query`, queryRows, hiddenSize, attention.bias.query),
    ...linear(`${prefix}.attention.key`, keyRows, hiddenSize, attention.bias.key),
    ...linear(`${prefix}.attention.value`, keyRows, hiddenSize, attention.bias.value),
    ...norm(`${prefix}.attention.query_norm`, queryKeyNorm, over ? queryRows : attention.headDimension),
    ...norm(`${prefix}.attention.key_norm`, queryKeyNorm, over ? keyRows : attention.headDimension),
    ...linear(`${prefix}.attention.output`, hiddenSize, queryRows, attention.bias.output),
    ...norm(`${prefix}.attention_post_norm`, layer.kind === 'parallel' ? null : layer.attentionPostNorm, hiddenSize),
    ...norm(`${prefix}.feed_forward_norm`, layer.kind === 'post-norm' ? null : layer.feedForwardNorm, hiddenSize),
    ...feedForward(`${prefix}.feed_forward`, layer.feedForward, hiddenSize),
    ...norm(`${prefix}.feed_forward_post_norm`, layer.kind === 'parallel' ? null : layer.feedForwardPostNorm, hiddenSize),
  ]
}

function feedForward(prefix: string, spec: FeedForwardSpec, hiddenSize: number): readonly CanonicalTensor[] {
  switch (spec.kind) {
    case 'glu':
      return [
        ...linear(`${prefix}.gate`, spec.width, hiddenSize, spec.bias),
        ...linear(`${prefix}.up`, spec.width, hiddenSize, spec.bias),
        ...linear(`${prefix}.down`, hiddenSize, spec.width, spec.bias),
      ]
    case 'mlp':
      return [...linear(`${prefix}.up`, spec.width, hiddenSize, spec.bias), ...linear(`${prefix}.down`, hiddenSize, spec.width, spec.bias)]
    case 'mixture':
      return [
        { name: `${prefix}.router.weight`, shape: [spec.experts, hiddenSize] },
        { name: `${prefix}.experts.gate.weight`, shape: [spec.experts, spec.width, hiddenSize] },
        { name: `${prefix}.experts.up.weight`, shape: [spec.experts, spec.width, hiddenSize] },
        { name: `${prefix}.experts.down.weight`, shape: [spec.experts, hiddenSize, spec.width] },
      ]
    default:
      return spec satisfies never
  }
}

function linear(name: string, outputs: number, inputs: number, bias: boolean): readonly CanonicalTensor[] {
  const weight = { name: `${name}.weight`, shape: [outputs, inputs] }
  return bias ? [weight, { name: `${name}.bias`, shape: [outputs] }] : [weight]
}

function norm(name: string, spec: NormSpec | null, width: number): readonly CanonicalTensor[] {
  if (spec === null) return []
  const weight = { name: `${name}.weight`, shape: [width] }
  return spec.kind === 'layer' && spec.bias ? [weight, { name: `${name}.bias`, shape: [width] }] : [weight]
}
