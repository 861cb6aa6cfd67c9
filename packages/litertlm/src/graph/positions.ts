// What attention needs to know of the tokens' positions, computed once for each signature and shared by its layers.
// Attention itself is in `attention.ts`.
import type { AttentionSpec } from '@fs/arch'
import type { Building } from './building.ts'
import { type Rope, type Rotary, rotaryTables } from './rotary.ts'
import type { Value } from './subgraph-builder.ts'

/** What a masked position gets added: the runtime's own value, far from overflow (LiteRT-LM llm_litert_compiled_model_executor.cc). */
const MASKED = Math.fround(-0.7 * 3.4028234663852886e38)

export type Positions = {
  rotary(rope: Rope): Rotary
  /** The mask of a layer that sees so many tokens, [1, 1, length, cacheLength]. */
  maskOf(window: AttentionSpec['window']): Value
  /** Where new keys go, [0, 0, position, 0], and new values, [0, 0, 0, position]. */
  readonly keyStart: Value
  readonly valueStart: Value
}

/** @param positions int32 [length] @param mask as the runtime gives it: 0 where a position may look, else far below */
export function positionsOf(building: Building, positions: Value, mask: Value): Positions {
  const { builder, length, options } = building
  const { cacheLength } = options
  const column = builder.operator(
    'positions',
    { kind: 'cast', from: 'int32', to: 'float32' },
    [builder.reshape('positions', positions, [length, 1])],
    [length, 1],
  )
  const first = builder.slice('positions', positions, 0, 1)
  const startAt = (before: readonly number[], after: readonly number[]) => {
    const parts = [...(before.length > 0 ? [builder.integers(before)] : []), first, ...(after.length > 0 ? [builder.integers(after)] : [])]
    return builder.operator('positions', { kind: 'concatenation', axis: 0 }, parts, [4], 'int32')
  }
  const tables = new Map<string, Rotary>()
  const masks = new Map<number, Value>()

  const localMask = (window: number): Value => {
    const columns = builder.floats(
      `columns/${cacheLength}`,
      Float32Array.from({ length: cacheLength }, (_, index) => index),
      [1, cacheLength],
    )
    const distance = builder.arithmetic('local_mask', 'sub', column, columns)
    const near = builder.operator('local_mask', { kind: 'less' }, [distance, builder.scalar(window)], [length, cacheLength], 'bool')
    const shaped = builder.reshape('local_mask', near, mask.shape)
    const masked = builder.scalar(MASKED)
    return builder.operator('local_mask', { kind: 'selectV2' }, [shaped, mask, masked], mask.shape)
  }

  return {
    rotary: (rope) => {
      const key = JSON.stringify(rope)
      const found = tables.get(key) ?? rotaryTables(building, rope, column)
      tables.set(key, found)
      return found
    },
    maskOf: (window) => {
      if (window === null || window >= cacheLength) return mask
      const found = masks.get(window) ?? localMask(window)
      masks.set(window, found)
      return found
    },
    keyStart: startAt([0, 0], [0]),
    valueStart: startAt([0, 0, 0], []),
  }
}
