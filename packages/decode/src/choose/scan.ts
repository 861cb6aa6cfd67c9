// Reading one row of logits: is every number a number, which is the largest, what do they sum to.
// Rows are read, never changed; `limit` leaves out rows that only pad the model's embedding.
import { fail } from '../errors.ts'

/**
 * Index of the largest logit, the first of equals. A single pass that also looks for NaN and +Infinity, which would win or lose every
 * comparison in silence.
 * @throws FsError `decode/logits-not-finite`, `decode/nothing-allowed` when all are -Infinity
 */
export function argmax(logits: Float32Array, limit: number): number {
  let best = -1
  let bestLogit = Number.NEGATIVE_INFINITY
  for (let id = 0; id < limit; id++) {
    const logit = logits[id]!
    // One comparison per logit: it fails for larger ones and for NaN.
    if (!(logit <= bestLogit)) {
      if (Number.isNaN(logit)) throw notFinite(id, logit)
      best = id
      bestLogit = logit
    }
  }
  if (bestLogit === Number.POSITIVE_INFINITY) throw notFinite(best, bestLogit)
  if (best < 0)
    throw fail('decode/nothing-allowed', 'every token is forbidden: constraint, logit bias or the model leave none to choose from')
  return best
}

const notFinite = (id: number, logit: number) =>
  fail(
    'decode/logits-not-finite',
    `the model gave the logit ${logit} for token ${id}; its weights or their type overflow, convert the model again and check it`,
    {
      token: id,
      logit: String(logit),
    },
  )

/** log(sum(exp(logits))), in double precision. */
export function logSumExp(logits: Float32Array, limit: number, maximum: number): number {
  let sum = 0
  for (let id = 0; id < limit; id++) sum += Math.exp(logits[id]! - maximum)
  return maximum + Math.log(sum)
}

/** Ids of the `count` largest logits, largest first, of equals the lower id first. A heap of `count` entries over one pass. */
export function largest(logits: Float32Array, limit: number, count: number): Int32Array {
  const size = Math.min(count, limit)
  const heap = new Int32Array(size)
  // The root is the worst kept: smallest logit, of equals the highest id.
  const worse = (left: number, right: number) => logits[left]! < logits[right]! || (logits[left] === logits[right] && left > right)
  const sink = (start: number, end: number) => {
    let at = start
    for (;;) {
      let child = 2 * at + 1
      if (child >= end) return
      if (child + 1 < end && worse(heap[child + 1]!, heap[child]!)) child += 1
      if (!worse(heap[child]!, heap[at]!)) return
      const moved = heap[at]!
      heap[at] = heap[child]!
      heap[child] = moved
      at = child
    }
  }
  for (let id = 0; id < size; id++) heap[id] = id
  for (let at = (size >> 1) - 1; at >= 0; at--) sink(at, size)
  let least = size > 0 ? logits[heap[0]!]! : Number.POSITIVE_INFINITY
  for (let id = size; id < limit; id++) {
    if (logits[id]! > least) {
      heap[0] = id
      sink(0, size)
      least = logits[heap[0]!]!
    }
  }
  for (let end = size - 1; end > 0; end--) {
    const moved = heap[0]!
    heap[0] = heap[end]!
    heap[end] = moved
    sink(0, end)
  }
  return heap
}
