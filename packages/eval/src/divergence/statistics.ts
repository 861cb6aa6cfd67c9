// What llama-perplexity --kl-divergence prints, gathered from compared positions. The same model on both sides gives exactly 0 and 1.
// Printing is `lines.ts`.
import { covarianceOfMeans, type Estimate, mean, varianceOfMean } from '../scoring/mean.ts'
import type { RowDifference } from './compare-row.ts'

/** Shares of the values below each quantile, with what they are called. */
const QUANTILES = [
  ['minimum', 0],
  ['0.1%', 0.001],
  ['1%', 0.01],
  ['5%', 0.05],
  ['10%', 0.1],
  ['25%', 0.25],
  ['median', 0.5],
  ['75%', 0.75],
  ['90%', 0.9],
  ['95%', 0.95],
  ['99%', 0.99],
  ['99.9%', 0.999],
  ['maximum', 1],
] as const

export type QuantileName = (typeof QUANTILES)[number][0]

export type Quantiles = { readonly [name in QuantileName]: number }

export type DivergenceStatistics = {
  readonly scoredTokens: number
  readonly candidatePerplexity: Estimate
  readonly basePerplexity: Estimate
  /** Of the two sides' mean log-perplexity, -1 to 1. */
  readonly correlation: number
  /** ln(candidate / base). */
  readonly logRatio: Estimate
  readonly ratio: Estimate
  readonly difference: Estimate
  /** In nats. */
  readonly divergence: Estimate & { readonly quantiles: Quantiles }
  /** Change of the right token's probability, as a share of one. */
  readonly probabilityChange: Estimate & { readonly rootMeanSquare: Estimate; readonly quantiles: Quantiles }
  /** Share of positions with the same likeliest token. */
  readonly sameTop: Estimate
}

export type DivergenceSums = {
  add(difference: RowDifference): void
  statistics(): DivergenceStatistics
}

/** @param capacity most positions that will be added */
export function divergenceSums(capacity: number): DivergenceSums {
  const divergences = new Float64Array(capacity)
  const changes = new Float64Array(capacity)
  const sums = { candidate: 0, candidate2: 0, base: 0, base2: 0, product: 0, kl: 0, kl2: 0, change: 0, change2: 0, change4: 0, sameTop: 0 }
  let count = 0
  return {
    add: ({ divergence, candidateLoss, baseLoss, probabilityChange, sameTop }) => {
      divergences[count] = divergence
      changes[count++] = probabilityChange
      const square = probabilityChange * probabilityChange
      sums.candidate += candidateLoss
      sums.candidate2 += candidateLoss * candidateLoss
      sums.base += baseLoss
      sums.base2 += baseLoss * baseLoss
      sums.product += candidateLoss * baseLoss
      sums.kl += divergence
      sums.kl2 += divergence * divergence
      sums.change += probabilityChange
      sums.change2 += square
      sums.change4 += square * square
      if (sameTop) sums.sameTop++
    },
    statistics: () => {
      const candidateVariance = varianceOfMean(sums.candidate, sums.candidate2, count)
      const baseVariance = varianceOfMean(sums.base, sums.base2, count)
      const covariance = covarianceOfMeans(sums.candidate, sums.base, sums.product, count)
      const candidate = Math.exp(sums.candidate / count)
      const base = Math.exp(sums.base / count)
      const logRatio = {
        value: sums.candidate / count - sums.base / count,
        uncertainty: root(candidateVariance + baseVariance - 2 * covariance),
      }
      const ratio = Math.exp(logRatio.value)
      const rms = Math.sqrt(sums.change2 / count)
      const top = sums.sameTop / count
      return {
        scoredTokens: count,
        candidatePerplexity: { value: candidate, uncertainty: candidate * Math.sqrt(candidateVariance) },
        basePerplexity: { value: base, uncertainty: base * Math.sqrt(baseVariance) },
        correlation: covariance === 0 ? 0 : covariance / Math.sqrt(candidateVariance * baseVariance),
        logRatio,
        ratio: { value: ratio, uncertainty: ratio * logRatio.uncertainty },
        difference: {
          value: candidate - base,
          uncertainty: root(candidate * candidate * candidateVariance + base * base * baseVariance - 2 * (candidate * base * covariance)),
        },
        divergence: { ...mean(sums.kl, sums.kl2, count), quantiles: quantilesOf(divergences.subarray(0, count)) },
        probabilityChange: {
          ...mean(sums.change, sums.change2, count),
          rootMeanSquare: {
            value: rms,
            uncertainty: rms === 0 ? 0 : (0.5 / rms) * Math.sqrt(varianceOfMean(sums.change2, sums.change4, count)),
          },
          quantiles: quantilesOf(changes.subarray(0, count)),
        },
        sameTop: { value: top, uncertainty: count > 1 ? Math.sqrt((top * (1 - top)) / (count - 1)) : 0 },
      }
    },
  }
}

/** Rounding can leave a difference of equal variances just below zero. */
function root(variance: number): number {
  return Math.sqrt(Math.max(0, variance))
}

/** Between two values the quantile is interpolated. */
function quantilesOf(values: Float64Array): Quantiles {
  const sorted = values.slice().sort()
  const at = (share: number): number => {
    const place = share * (sorted.length - 1)
    const below = Math.floor(place)
    const part = place - below
    return part === 0 ? sorted[below]! : (1 - part) * sorted[below]! + part * sorted[below + 1]!
  }
  return Object.fromEntries(QUANTILES.map(([name, share]) => [name, at(share)])) as Quantiles
}
