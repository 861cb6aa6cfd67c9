// Vectors of the same tokens or texts from two models, compared as llama.cpp's semantic_check.py does: each with its counterpart, and how the
// vectors of one model lie to one another.
import { evalError } from '../errors.ts'

export type EmbeddingsComparison = {
  /** Cosine of each vector with its counterpart. */
  readonly cosines: readonly number[]
  readonly meanCosine: number
  /** Length of the candidate's vector over the reference's. */
  readonly lengthRatios: readonly number[]
  /** Largest and root mean square difference between the two matrices of cosines within a model. */
  readonly similarityDifference: { readonly largest: number; readonly rootMeanSquare: number }
}

/** semantic_check.py exits 1 at and below this mean cosine. */
export const LEAST_MEAN_COSINE = 0.7

/**
 * @param reference row-major [vectors, width], as `candidate`
 * @throws FsError `eval/shape-mismatch`
 */
export function compareEmbeddings(reference: Float32Array, candidate: Float32Array, width: number): EmbeddingsComparison {
  if (reference.length !== candidate.length || reference.length === 0 || reference.length % width !== 0) {
    throw evalError(
      'eval/shape-mismatch',
      `the reference has ${reference.length} numbers and the candidate ${candidate.length}, in vectors of ${width}; only equal shapes can be compared`,
      { reference: reference.length, candidate: candidate.length, width },
    )
  }
  const rowsOf = (values: Float32Array) =>
    Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width))
  const [left, right] = [rowsOf(reference), rowsOf(candidate)]
  const cosines = left.map((row, index) => cosine(row, right[index]!))
  let [largest, squares] = [0, 0]
  for (let first = 0; first < left.length; first++) {
    for (let second = 0; second < left.length; second++) {
      const difference = Math.abs(cosine(left[first]!, left[second]!) - cosine(right[first]!, right[second]!))
      largest = Math.max(largest, difference)
      squares += difference * difference
    }
  }
  return {
    cosines,
    meanCosine: cosines.reduce((sum, value) => sum + value, 0) / cosines.length,
    lengthRatios: left.map((row, index) => Math.hypot(...right[index]!) / Math.hypot(...row)),
    similarityDifference: { largest, rootMeanSquare: Math.sqrt(squares) / left.length },
  }
}

function cosine(left: Float32Array, right: Float32Array): number {
  let [product, leftSquares, rightSquares] = [0, 0, 0]
  for (let index = 0; index < left.length; index++) {
    product += left[index]! * right[index]!
    leftSquares += left[index]! ** 2
    rightSquares += right[index]! ** 2
  }
  // The root of each would make a vector's cosine with itself differ from 1 in its last bit.
  return product === 0 ? 0 : product / Math.sqrt(leftSquares * rightSquares)
}
