// Runs one fuzz target: makes cases from seeds, reads them, and holds the reader to its promise: it gives a result or throws an FsError, reads
// only what is there, stays within time and memory. Needs Node.
import { FsError } from '@fs/core'
import { memorySource } from '../bytes/memory.ts'
import { mutateBytes } from './mutate.ts'
import { seededRandom } from './random.ts'
import type { FuzzTarget } from './targets.ts'

/** Cases have at most some ten kilobytes; a reader that needs this long for one hangs. Generous, for a machine busy with other work. */
const MAX_MILLISECONDS = 3000
/** Memory one case may add, heap and buffers together: hundreds of times its size, far less than any honest header limit. */
const MAX_BYTES = 96 * 1024 * 1024

export type FuzzFailure = { readonly target: string; readonly seed: number; readonly reason: string; readonly bytes: Uint8Array }
export type FuzzReport = {
  readonly cases: number
  /** How many ended in each code; `accepted` for those that were read. */
  readonly outcomes: ReadonlyMap<string, number>
  readonly failure?: FuzzFailure
}

/**
 * Runs cases from `firstSeed` on until `until` (milliseconds of `performance.now`) or the first failure, and at least `leastCases`, so that a
 * busy machine does not turn a run into nothing.
 */
export async function runFuzz(target: FuzzTarget, firstSeed: number, until: number, leastCases = 0): Promise<FuzzReport> {
  const outcomes = new Map<string, number>()
  let seed = firstSeed
  for (; performance.now() < until || seed < firstSeed + leastCases; seed++) {
    const bytes = fuzzCase(target, seed)
    const outcome = await runCase(target, bytes)
    if ('reason' in outcome)
      return { cases: seed - firstSeed, outcomes, failure: { target: target.id, seed, reason: outcome.reason, bytes } }
    outcomes.set(outcome.code, (outcomes.get(outcome.code) ?? 0) + 1)
  }
  return { cases: seed - firstSeed, outcomes }
}

/** The bytes of one case: built by the target with fields that may lie, and in every third case spoiled further. */
export function fuzzCase(target: FuzzTarget, seed: number): Uint8Array {
  const random = seededRandom(seed)
  const built = target.build(random)
  return random.oneIn(3) ? mutateBytes(random, built) : built
}

export async function runCase(target: FuzzTarget, bytes: Uint8Array): Promise<{ readonly code: string } | { readonly reason: string }> {
  const before = process.memoryUsage()
  const start = performance.now()
  let code = 'accepted'
  try {
    await target.read(memorySource(bytes, 'fuzzed'))
  } catch (error) {
    if (!FsError.is(error)) return { reason: `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` }
    ;({ code } = error)
    if (code === 'bytes/out-of-range') return { reason: `read outside the file: ${error.stack ?? error.message}` }
  }
  const took = performance.now() - start
  const after = process.memoryUsage()
  const grown = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers
  if (took > MAX_MILLISECONDS) return { reason: `took ${took.toFixed(0)} ms` }
  if (grown > MAX_BYTES) return { reason: `took ${grown} bytes of memory` }
  return { code }
}
