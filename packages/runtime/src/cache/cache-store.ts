// Where the key-value cache of running sequences lives, as the language model sees it.
// One implementation shares buffers with the session, the other feeds back what the session returned.
import type { Values, Wanted } from '../backend.ts'
import type { CacheType } from './cache-numbers.ts'

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
  /** Keeps what the session made of the prepared rows; each had `cached` tokens and got `added` more. */
  accept(rows: readonly { readonly row: CacheRow; readonly cached: number }[], added: number, outputs: Values): void
  dispose(): void
}

/** One cached tensor of one layer, [row, heads, token, dimension], by the names the graph has for it. */
export type CacheTensor = {
  readonly past: string
  /** What the graph gives back: past and new tokens together, or the new ones alone, [row, token, heads * dimension]. */
  readonly output: { readonly name: string; readonly holds: 'whole' | 'appended' }
  readonly heads: number
  readonly dimension: number
  readonly type: CacheType
}
