// Where the key-value cache of running sequences lives, as the language model sees it.
// One implementation shares buffers with the session, the other feeds back what the session returned.
import type { DecoderSpec } from '@fs/arch'
import { cacheHeadDimension } from '@fs/onnx'
import type { Values, Wanted } from '../backend.ts'

/** The cache of one sequence; what it holds is the store's business. */
export type CacheRow = { readonly id: number }

export type CacheStore = {
  /** Most rows that can run together. */
  readonly batchLimit: number
  open(): CacheRow
  close(row: CacheRow): void
  /**
   * Forgets all but the first `length` tokens of a row.
   * @returns how many are left: fewer than asked for, down to none, where the cache is out of reach (on a device)
   */
  cut(row: CacheRow, length: number): number
  /**
   * Feeds and wanted outputs for running rows together, once there is room for `length` tokens in each.
   * @returns the rows in the order the session will see them
   */
  prepare(
    rows: readonly CacheRow[],
    length: number,
  ): { readonly rows: readonly CacheRow[]; readonly feeds: Values; readonly wanted: Wanted }
  /** Keeps what the session made of the prepared rows, of which the longest now has `length` tokens. */
  accept(rows: readonly CacheRow[], outputs: Values, length: number): void
  dispose(): void
}

/** One cached tensor of one layer: [row, heads, token, dimension]. */
export type CacheTensor = { readonly past: string; readonly present: string; readonly heads: number; readonly dimension: number }

/** Every cached tensor of a model, by the names its graph has for it. */
export function cacheTensors(spec: DecoderSpec): readonly CacheTensor[] {
  return spec.layers.flatMap(({ attention }, layer) =>
    ['key', 'value'].map((part) => ({
      past: `past_key_values.${layer}.${part}`,
      present: `present.${layer}.${part}`,
      heads: attention.keyValueHeads,
      dimension: cacheHeadDimension(attention),
    })),
  )
}
