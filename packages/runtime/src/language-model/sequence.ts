// A running sequence: its tokens, and the row of the cache behind them. It computes nothing itself.
import type { Sequence } from '@fs/core'
import type { CacheRow, CacheStore } from '../cache/cache-store.ts'
import { runtimeError } from '../errors.ts'

export type CachedSequence = Sequence & {
  readonly row: CacheRow
  readonly owner: object
  /** How many tokens, from the first, the cache holds the state of; fewer than there are after a failed computation. */
  cachedLength: number
  /** Length the sequence had when its cache was last computed: what a rotary embedding that depends on it went by. */
  computedAtLength: number
  /** @throws FsError `runtime/disposed` */
  assertUsable(): void
  /** Adds tokens whose state is now cached, like that of all before them. */
  append(added: readonly number[]): void
}

/**
 * @param owner whatever identifies the model, so that it can tell its own sequences from others'
 * @param onDispose called once
 */
export function createSequence(store: CacheStore, owner: object, onDispose: () => void): CachedSequence {
  const row = store.open()
  const tokens: number[] = []
  let disposed = false
  const assertUsable = (): void => {
    if (disposed) throw runtimeError('runtime/disposed', 'this sequence was disposed; create another one', {})
  }
  const sequence: CachedSequence = {
    row,
    owner,
    tokens,
    cachedLength: 0,
    computedAtLength: 0,
    assertUsable,
    append: (added) => {
      for (const token of added) tokens.push(token)
      sequence.cachedLength = tokens.length
      sequence.computedAtLength = tokens.length
    },
    truncate: (length) => {
      assertUsable()
      if (!Number.isInteger(length) || length < 0 || length > tokens.length) {
        throw runtimeError('runtime/truncate-length', `cannot cut a sequence of ${tokens.length} tokens to ${length}`, { length })
      }
      tokens.length = length
      sequence.cachedLength = Math.min(sequence.cachedLength, length)
    },
    dispose: () => {
      if (disposed) return
      disposed = true
      tokens.length = 0
      store.close(row)
      onDispose()
    },
  }
  return sequence
}
