// Rotary position embedding: cosines and sines from the positions, once for each rotary setting of a model, and the rotation itself.
// Stretched frequencies come from `@fs/arch`; the graph only multiplies them.
import type { AttentionSpec } from '@fs/arch'
import { ropeFrequencies } from '@fs/arch/rope-frequencies'
import type { Building } from './building.ts'
import type { Value } from './subgraph-builder.ts'

export type Rope = Extract<AttentionSpec['position'], { kind: 'rope' }>

/** Both [1, 1, length, dimensions / 2]. */
export type Rotary = { readonly cosine: Value; readonly sine: Value }

/** @param positions float32 [length, 1] */
export function rotaryTables({ builder, length, options }: Building, rope: Rope, positions: Value): Rotary {
  const { frequencies, attentionFactor } = ropeFrequencies(rope, options.cacheLength)
  const pairs = rope.dimensions / 2
  const label = `rotary/${JSON.stringify([rope.base, rope.dimensions, rope.scaling])}`
  const scope = `rotary_${rope.base}`
  const factors = builder.floats(label, Float32Array.from(frequencies), [1, pairs])
  const angles = builder.arithmetic(scope, 'mul', positions, factors)
  const table = (kind: 'cos' | 'sin') => {
    const turned = builder.operator(scope, { kind }, [angles], [length, pairs])
    const stretched = attentionFactor === 1 ? turned : builder.arithmetic(scope, 'mul', turned, builder.scalar(attentionFactor))
    return builder.reshape(scope, stretched, [1, 1, length, pairs])
  }
  return { cosine: table('cos'), sine: table('sin') }
}

/**
 * Turns the leading `dimensions` of each head by their angles, pairing i with i + dimensions / 2.
 * @param value [1, heads, length, headDimension]
 */
export function rotate({ builder }: Building, scope: string, rope: Rope, { cosine, sine }: Rotary, value: Value): Value {
  const pairs = rope.dimensions / 2
  const rest = value.shape.at(-1)! - rope.dimensions
  const first = builder.slice(scope, value, 0, pairs)
  const second = builder.slice(scope, value, pairs, pairs)
  const product = (left: Value, right: Value) => builder.arithmetic(scope, 'mul', left, right)
  const turned = [
    builder.arithmetic(scope, 'sub', product(first, cosine), product(second, sine)),
    builder.arithmetic(scope, 'add', product(second, cosine), product(first, sine)),
  ]
  if (rest > 0) turned.push(builder.slice(scope, value, rope.dimensions, rest))
  return builder.operator(scope, { kind: 'concatenation', axis: 3 }, turned, value.shape)
}
