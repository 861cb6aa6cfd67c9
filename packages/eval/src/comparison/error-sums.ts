// Differences between two series of numbers, summed as they come: for logits, activations and weights alike.

export type ErrorFigures = {
  /** Mean squared difference over the population variance of the reference; the mean squared difference itself where that is zero. */
  readonly nmse: number
  readonly largestDifference: number
  readonly meanDifference: number
  readonly cosine: number
  /** Squared difference over the reference's square: what a weight lost. */
  readonly relativeError: number
}

export function errorSums() {
  const sums = { count: 0, reference: 0, squares: 0, candidateSquares: 0, products: 0, difference: 0, absolute: 0, largest: 0 }
  return {
    /** @param candidate as many numbers as the reference */
    add: (reference: Float32Array, candidate: Float32Array): void => {
      for (let index = 0; index < reference.length; index++) {
        const [left, right] = [reference[index]!, candidate[index]!]
        const difference = right - left
        sums.reference += left
        sums.squares += left * left
        sums.candidateSquares += right * right
        sums.products += left * right
        sums.difference += difference * difference
        const size = Math.abs(difference)
        sums.absolute += size
        // A difference that is no number is the largest there is.
        if (!(size <= sums.largest)) sums.largest = Number.isNaN(size) ? Number.POSITIVE_INFINITY : size
      }
      sums.count += reference.length
    },
    figures: (): ErrorFigures => {
      const { count, difference, squares, candidateSquares, products } = sums
      const error = difference / count
      const variance = squares / count - (sums.reference / count) ** 2
      const lengths = Math.sqrt(squares) * Math.sqrt(candidateSquares)
      return {
        nmse: finite(difference === 0 ? 0 : variance > 0 ? error / variance : error),
        largestDifference: sums.largest,
        meanDifference: finite(sums.absolute / count),
        cosine: difference === 0 ? 1 : lengths === 0 ? 0 : products / lengths,
        relativeError: finite(difference === 0 ? 0 : squares > 0 ? difference / squares : Number.POSITIVE_INFINITY),
      }
    },
  }
}

function finite(value: number): number {
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value
}
