// What a graph derives from the attention mask: how long each sequence is and where its new tokens stand.
// The rule of right-padded caches is GroupQueryAttention's: row b holds `lengths[b] + 1` valid entries, new ones last.
import { int } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import type { Building } from './building.ts'

export type Lengths = {
  /** int32 [batch]: tokens of each sequence, new ones included, minus one. */
  readonly lastIndices: Value
  /** int32 scalar: the longest sequence. */
  readonly longest: Value
  /** int64 [batch, sequence]: position of each new token. */
  readonly positions: () => Value
  /** int64 [batch, total]: position of every token, cached or new. */
  readonly allPositions: () => Value
  /** The same, with `original` added for sequences longer than that: their rows of a two-part rotary table. */
  readonly shiftedPositions: (original: number) => Value
}

/**
 * @param tokens int64 [batch, sequence]
 * @param mask int64 [batch, total]: one for each token of a sequence, cached or new
 * @param rotaryLengths where the lengths that choose a rotary table come from: the mask, or an input `rotary_lengths`, int64 [batch]
 */
export function lengthsOf(building: Building, tokens: Value, mask: Value, rotaryLengths: 'mask' | 'input'): Lengths {
  const { builder } = building
  const one = builder.constant('int64', [1])
  const sums = builder.node('lengths', 'ReduceSum', [mask, one], { keepdims: int(0) })
  const last = builder.node('lengths', 'Sub', [sums, builder.constant('int64', [1], [])])
  const total = builder.node('lengths', 'Shape', [mask], { start: int(1), end: int(2) })

  const ropeLengths = once(() =>
    rotaryLengths === 'mask' ? sums : builder.input({ name: 'rotary_lengths', type: 'int64', shape: ['batch_size'] }),
  )

  const allPositions = once(() => {
    const counts = builder.node('positions', 'CumSum', [mask, builder.constant('int64', [1], [])])
    const before = builder.node('positions', 'Sub', [counts, builder.constant('int64', [1], [])])
    return builder.node('positions', 'Max', [before, builder.constant('int64', [0], [])])
  })
  const positions = once(() => {
    const fresh = builder.node('positions', 'Shape', [tokens], { start: int(1), end: int(2) })
    return builder.node('positions', 'Slice', [allPositions(), builder.node('positions', 'Sub', [total, fresh]), total, one])
  })

  return {
    lastIndices: builder.node('lengths', 'Cast', [last], { to: int(6) }),
    allPositions,
    longest: builder.node('lengths', 'Cast', [builder.node('lengths', 'Squeeze', [total])], { to: int(6) }),
    positions,
    shiftedPositions: onceFor((original: number) => {
      const beyond = builder.node('positions', 'Greater', [ropeLengths(), builder.constant('int64', [original], [])])
      const shift = builder.node('positions', 'Where', [
        beyond,
        builder.constant('int64', [original], []),
        builder.constant('int64', [0], []),
      ])
      return builder.node('positions', 'Add', [positions(), builder.node('positions', 'Unsqueeze', [shift, one])])
    }),
  }
}

/** Builds a value when it is first asked for. */
function once(build: () => Value): () => Value {
  let value: Value | null = null
  return () => {
    value ??= build()
    return value
  }
}

/** Builds a value for each distinct argument when it is first asked for. */
function onceFor<Key>(build: (key: Key) => Value): (key: Key) => Value {
  const values = new Map<Key, Value>()
  return (key) => {
    const known = values.get(key)
    if (known !== undefined) return known
    const value = build(key)
    values.set(key, value)
    return value
  }
}
