// What the attention of every layer shares: lengths, masks, biases, and how rotation is applied outside an attention operator.
import type { AttentionSpec } from '@fs/arch'
import type { Value } from '../graph/graph-builder.ts'
import { alibiBias } from './alibi.ts'
import type { Projections } from './attention-projections.ts'
import type { Building } from './building.ts'
import type { Lengths } from './lengths.ts'
import { rotarySwitch, rotaryTables, rotate } from './rotary.ts'
import { visibilityOf } from './visibility.ts'

export type AttentionContext = {
  readonly building: Building
  readonly hiddenSize: number
  readonly contextLength: number
  readonly lengths: Lengths
  /** Masks for attention in standard operators, made when first asked for. */
  readonly visibility: (attention: AttentionSpec) => Value
  /** Linear biases, [batch, heads, sequence, total], made when first asked for. */
  readonly linearBias: (heads: number, maximumBias: number) => Value
}

/** @param mask int64 [batch, total]: one for each token, cached or new */
export function attentionContext(
  building: Building,
  size: { readonly hiddenSize: number; readonly contextLength: number },
  mask: Value,
  lengths: Lengths,
): AttentionContext {
  const biases = new Map<string, Value>()
  const linearBias = (heads: number, maximumBias: number): Value => {
    const key = `${heads}/${maximumBias}`
    const known = biases.get(key)
    if (known !== undefined) return known
    const bias = alibiBias(building, heads, maximumBias, lengths)
    biases.set(key, bias)
    return bias
  }
  return { building, ...size, lengths, visibility: visibilityOf(building, mask, lengths), linearBias }
}

/** All that is added to the scores of attention in standard operators. */
export function biasOf(context: AttentionContext, attention: AttentionSpec): readonly Value[] {
  const { position } = attention
  const mask = context.visibility(attention)
  return position.kind === 'alibi' ? [context.linearBias(attention.heads, position.maximumBias), mask] : [mask]
}

/** Queries and keys rotated by nodes of their own; left as they are where positions are not rotary. */
export function rotateApart(
  context: AttentionContext,
  name: string,
  attention: AttentionSpec,
  apart: Extract<Projections, { kind: 'separate' }>,
): Extract<Projections, { kind: 'separate' }> {
  const { building, contextLength, lengths } = context
  const rope = attention.position
  if (rope.kind !== 'rope') return apart
  const tables = rotaryTables(building, rope, contextLength)
  const original = rotarySwitch(rope, contextLength)
  const positions = original === null ? lengths.positions() : lengths.shiftedPositions(original)
  return {
    ...apart,
    query: rotate(building, `${name}.query`, rope, tables, attention.heads, positions, apart.query),
    key: rotate(building, `${name}.key`, rope, tables, attention.keyValueHeads, positions, apart.key),
  }
}
