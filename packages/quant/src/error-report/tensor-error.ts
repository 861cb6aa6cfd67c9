// What a tensor loses by being quantized, measured over all its numbers as they come in pieces.
// It knows no types and no files: the original numbers and the restored ones are given.
import { type Histogram, histogramMeter } from './histogram.ts'

export type TensorError = {
  /** Pairs that were compared: both numbers finite. */
  readonly elements: number
  /** Pairs that were not, since one of the numbers is NaN or infinite. */
  readonly notFinite: number
  /** Root of the mean squared error, in the unit of the weights. */
  readonly rmse: number
  /** Root of the mean square of the weights, to compare with. */
  readonly rootMeanSquare: number
  /** Root of the squared error over the squared weights: 0 is no loss, 1 as bad as zeros. */
  readonly relativeError: number
  /** Between the tensor and what became of it, both as one long vector; 1 for two tensors of zeros. */
  readonly cosine: number
  /** The single weight that moved furthest; `index` counts from the tensor's start. */
  readonly largestError: { readonly index: number; readonly original: number; readonly restored: number }
  /** The block of `length` weights from `index` with the largest squared error. */
  readonly worstBlock: { readonly index: number; readonly length: number; readonly rmse: number; readonly relativeError: number }
  /** Of the original weights. */
  readonly histogram: Histogram
}

export type TensorErrorMeter = {
  /** The next numbers of the tensor, as many of both, whole blocks. */
  add(original: Float32Array, restored: Float32Array): void
  result(): TensorError
}

/** @param blockLength weights that share a scale, or any number for types without blocks */
export function tensorErrorMeter(blockLength: number): TensorErrorMeter {
  const histogram = histogramMeter()
  const largest = { index: 0, original: 0, restored: 0, error: -1 }
  const worst = { index: 0, squaredError: -1, squares: 0, length: blockLength }
  let [position, elements, notFinite] = [0, 0, 0]
  let [squaredError, squares, restoredSquares, products] = [0, 0, 0, 0]

  function addBlock(original: Float32Array, restored: Float32Array, start: number, end: number): void {
    let [blockError, blockSquares] = [0, 0]
    for (let index = start; index < end; index++) {
      const [before, after] = [original[index]!, restored[index]!]
      const error = Math.abs(before - after)
      // NaN and infinite in either make the difference so.
      if (!(error < Number.POSITIVE_INFINITY)) {
        notFinite++
        continue
      }
      elements++
      blockError += error * error
      blockSquares += before * before
      restoredSquares += after * after
      products += before * after
      if (error > largest.error) Object.assign(largest, { index: position + index, original: before, restored: after, error })
    }
    squaredError += blockError
    squares += blockSquares
    if (blockError > worst.squaredError)
      Object.assign(worst, { index: position + start, squaredError: blockError, squares: blockSquares, length: end - start })
  }

  return {
    add(original, restored) {
      histogram.add(original)
      for (let start = 0; start < original.length; start += blockLength)
        addBlock(original, restored, start, Math.min(start + blockLength, original.length))
      position += original.length
    },
    result() {
      const { index, original, restored } = largest
      const blockError = Math.max(0, worst.squaredError)
      return {
        elements,
        notFinite,
        rmse: elements === 0 ? 0 : Math.sqrt(squaredError / elements),
        rootMeanSquare: elements === 0 ? 0 : Math.sqrt(squares / elements),
        relativeError: ratio(squaredError, squares),
        cosine: cosine(products, squares, restoredSquares),
        largestError: { index, original, restored },
        worstBlock: {
          index: worst.index,
          length: worst.length,
          rmse: Math.sqrt(blockError / worst.length),
          relativeError: ratio(blockError, worst.squares),
        },
        histogram: histogram.result(),
      }
    },
  }
}

/** Zeros that stay zeros have lost nothing; zeros that became something, everything. */
function ratio(squaredError: number, squares: number): number {
  if (squares === 0) return squaredError === 0 ? 0 : 1
  return Math.sqrt(squaredError / squares)
}

function cosine(products: number, squares: number, restoredSquares: number): number {
  if (squares === 0 && restoredSquares === 0) return 1
  if (squares === 0 || restoredSquares === 0) return 0
  return Math.min(1, products / Math.sqrt(squares * restoredSquares))
}
