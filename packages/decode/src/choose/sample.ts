// Drawing a token: temperature, then top-k, then top-p, then min-p, then the draw.
// Temperature comes first, as in transformers, vLLM and the OpenAI API, so that a `top_p` from a model's generation_config.json means
// here what its makers measured; llama.cpp's default chain cuts first and divides by the temperature last, which keeps more tokens at
// high temperatures.
import { argmax, largest } from './scan.ts'

export type SampleSettings = {
  /** Above 0. */
  readonly temperature: number
  /** 0 for all. */
  readonly topK: number
  /** 1 for all. */
  readonly topP: number
  /** 0 for all. */
  readonly minP: number
}

/** Tokens that may be drawn, likeliest first, with unnormalized probabilities (the likeliest has 1). */
export type Candidates = { readonly ids: Int32Array; readonly weights: Float64Array; readonly sum: number }

/**
 * The distribution a token is drawn from.
 * @param logits one row; -Infinity forbids
 * @throws FsError `decode/logits-not-finite`, `decode/nothing-allowed`
 */
export function candidates(logits: Float32Array, limit: number, settings: SampleSettings): Candidates {
  const { temperature, minP } = settings
  const maximum = logits[argmax(logits, limit)]!
  const cut = settings.topK > 0 && settings.topK < limit ? largestAllowed(logits, limit, settings.topK) : undefined
  const kept = settings.topP < 1 ? topP(logits, limit, cut, maximum, settings) : (cut ?? allowed(logits, limit))
  const weights = new Float64Array(kept.length)
  let sum = 0
  let count = 0
  for (let index = 0; index < kept.length; index++) {
    const weight = Math.exp((logits[kept[index]!]! - maximum) / temperature)
    if (weight < minP) continue
    kept[count] = kept[index]!
    weights[count++] = weight
    sum += weight
  }
  return { ids: kept.subarray(0, count), weights: weights.subarray(0, count), sum }
}

/** Ids of the `count` largest logits that are not forbidden, largest first. */
function largestAllowed(logits: Float32Array, limit: number, count: number): Int32Array {
  const ids = largest(logits, limit, count)
  let end = ids.length
  while (end > 0 && logits[ids[end - 1]!] === Number.NEGATIVE_INFINITY) end -= 1
  return ids.subarray(0, end)
}

function allowed(logits: Float32Array, limit: number): Int32Array {
  const ids = new Int32Array(limit)
  let count = 0
  for (let id = 0; id < limit; id++) if (logits[id] !== Number.NEGATIVE_INFINITY) ids[count++] = id
  return ids.subarray(0, count)
}

/** How many tokens are sorted at first for top-p; nine tenths of the probability rarely need more. */
const FIRST_SORTED = 256

/** The first of the tokens, likeliest first, whose probabilities reach `topP` of the whole; at least one. */
function topP(
  logits: Float32Array,
  limit: number,
  cut: Int32Array | undefined,
  maximum: number,
  { temperature, topP }: SampleSettings,
): Int32Array {
  let total = 0
  if (cut === undefined) for (let id = 0; id < limit; id++) total += Math.exp((logits[id]! - maximum) / temperature)
  else for (const id of cut) total += Math.exp((logits[id]! - maximum) / temperature)
  for (let sorted = FIRST_SORTED; ; sorted *= 8) {
    const ids = cut ?? largestAllowed(logits, limit, Math.min(sorted, limit))
    let sum = 0
    for (let count = 0; count < ids.length; count++) {
      sum += Math.exp((logits[ids[count]!]! - maximum) / temperature)
      if (sum >= topP * total) return ids.subarray(0, count + 1)
    }
    if (cut !== undefined || sorted >= limit) return ids
  }
}

/** The candidate at `uniform`, a number in [0, 1). */
export function draw({ ids, weights, sum }: Candidates, uniform: number): number {
  let rest = uniform * sum
  for (let index = 0; index < ids.length; index++) {
    rest -= weights[index]!
    if (rest < 0) return ids[index]!
  }
  // Rounding may leave a crumb at the end.
  return ids[ids.length - 1]!
}
