// Means with their uncertainties, from running sums, by the formulas llama-perplexity prints (tools/perplexity/perplexity.cpp).
// Nothing here knows what is averaged.

/** A value and one standard deviation of it. */
export type Estimate = { readonly value: number; readonly uncertainty: number }

/** Fewer values than this have no uncertainty worth printing. */
const FEWEST = 10

/** Variance of the mean of `count` values, from their sum and the sum of their squares. */
export function varianceOfMean(sum: number, squares: number, count: number): number {
  const mean = sum / count
  const variance = squares / count - mean * mean
  return variance > 0 && count > FEWEST ? variance / (count - 1) : 0
}

/** Covariance of the means of two series. With the same series twice it is the variance, to the last bit. */
export function covarianceOfMeans(first: number, second: number, products: number, count: number): number {
  return count > FEWEST ? (products / count - (first / count) * (second / count)) / (count - 1) : 0
}

export function mean(sum: number, squares: number, count: number): Estimate {
  return { value: sum / count, uncertainty: Math.sqrt(varianceOfMean(sum, squares, count)) }
}
