// Trying again: backoff, Retry-After, and a clock that notices a connection gone silent. It knows nothing of HTTP beyond that.
import { FsError } from '@fs/core'
import { fail } from '../errors.ts'
import { aborted } from './range.ts'

const MAX_RETRY_DELAY_MS = 30_000
/** A server that asks for more patience than this is refused instead of waited for. */
const MAX_RETRY_AFTER_MS = 5 * 60_000

/** `retries` in a row, the first after `delay` ms; `stall` ms without a byte count as a failure. */
export type Patience = { readonly retries: number; readonly delay: number; readonly stall: number }

/** What one attempt ended in. */
export type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'retry'; readonly error: FsError; readonly afterMs?: number }
  | { readonly kind: 'failed'; readonly error: FsError }

/** Runs `attempt` until it is done, refuses, or fails `retries` times in a row without calling `alive`. */
export async function withRetries<T>(
  name: string,
  patience: Patience,
  signal: AbortSignal,
  attempt: (signal: AbortSignal, alive: () => void) => Promise<Attempt<T>>,
): Promise<T> {
  let failures = 0
  for (;;) {
    const stalled = new AbortController()
    let timer = setTimeout(() => stalled.abort(), patience.stall)
    const alive = () => {
      failures = 0
      clearTimeout(timer)
      timer = setTimeout(() => stalled.abort(), patience.stall)
    }
    let outcome: Attempt<T>
    try {
      outcome = await attempt(AbortSignal.any([signal, stalled.signal]), alive)
    } catch (cause) {
      if (FsError.is(cause)) throw cause
      if (signal.aborted) throw aborted(name, signal)
      const what = stalled.signal.aborted ? `no byte for ${patience.stall / 1000} s` : 'the connection was cut'
      outcome = { kind: 'retry', error: fail('bytes/http-network', `${name}: ${what}; check the network and try again`, {}, cause) }
    } finally {
      clearTimeout(timer)
    }
    if (outcome.kind === 'done') return outcome.value
    if (outcome.kind === 'failed') throw outcome.error
    failures++
    if (failures > patience.retries || (outcome.afterMs ?? 0) > MAX_RETRY_AFTER_MS) throw outcome.error
    const backoff = Math.min(MAX_RETRY_DELAY_MS, patience.delay * 2 ** (failures - 1))
    // Half of the wait is random, so that many readers cut at once do not come back at once.
    await sleep(outcome.afterMs ?? backoff * (0.5 + Math.random() / 2), signal, name)
  }
}

function sleep(milliseconds: number, signal: AbortSignal, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(aborted(name, signal))
    const cancelled = () => {
      clearTimeout(timer)
      reject(aborted(name, signal))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancelled)
      resolve()
    }, milliseconds)
    signal.addEventListener('abort', cancelled, { once: true })
  })
}
