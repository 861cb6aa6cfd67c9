// One position's two next-token distributions, compared. Formulas of llama-perplexity (tools/perplexity/perplexity.cpp), in doubles.
// Sums over many positions are `statistics.ts`.
import { type LogProbabilities, likeliest } from '../scoring/log-probabilities.ts'

export type RowDifference = {
  /** KL divergence of the candidate from the base, in nats. */
  readonly divergence: number
  /** Negative log-likelihood of the token that came. */
  readonly candidateLoss: number
  readonly baseLoss: number
  /** Probability of the token that came: candidate's minus base's. */
  readonly probabilityChange: number
  readonly sameTop: boolean
}

/** Tokens that the base gives less than exp(-16) are left out, as llama-perplexity does: a saved file does not tell them apart. */
const LOWEST = -16

export function compareRow(
  candidate: LogProbabilities,
  base: LogProbabilities,
  row: number,
  target: number,
  vocabularySize: number,
): RowDifference {
  const start = row * vocabularySize
  const [mine, theirs] = [candidate.values, base.values]
  const [myNormalizer, theirNormalizer] = [candidate.normalizers[row]!, base.normalizers[row]!]
  let divergence = 0
  for (let index = start; index < start + vocabularySize; index++) {
    const logProbability = theirs[index]! - theirNormalizer
    if (logProbability > LOWEST) divergence += Math.exp(logProbability) * (logProbability - (mine[index]! - myNormalizer))
  }
  const candidateLoss = myNormalizer - mine[start + target]!
  const baseLoss = theirNormalizer - theirs[start + target]!
  return {
    divergence,
    candidateLoss,
    baseLoss,
    probabilityChange: Math.exp(-candidateLoss) - Math.exp(-baseLoss),
    sameTop: likeliest(mine, start, vocabularySize) === likeliest(theirs, start, vocabularySize),
  }
}
