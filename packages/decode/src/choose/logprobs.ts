// Log probabilities as an answer reports them: of the model's own distribution, before any setting changed it.
import { argmax, largest, logSumExp } from './scan.ts'

export type TokenLogprob = { readonly token: number; readonly logprob: number }

/** A token's log probability and the likeliest tokens with theirs, likeliest first. */
export type Logprobs = TokenLogprob & { readonly top: readonly TokenLogprob[] }

/** @param count how many of the likeliest are listed */
export function logprobsOf(logits: Float32Array, limit: number, token: number, count: number): Logprobs {
  const total = logSumExp(logits, limit, logits[argmax(logits, limit)]!)
  const top = Array.from(largest(logits, limit, count), (id) => ({ token: id, logprob: logits[id]! - total }))
  return { token, logprob: logits[token]! - total, top }
}
