// Two models' logits of the same tokens, compared: the figures of llama.cpp's verify-logits (examples/model-conversion/scripts/utils:
// compare-logits.py, check-nmse.py) and more. Nothing here runs a model or decides whether the figures are good enough.

import { compareRow } from '../divergence/compare-row.ts'
import { evalError } from '../errors.ts'
import { fromLogits } from '../scoring/log-probabilities.ts'
import { errorSums } from './error-sums.ts'

export type PositionComparison = {
  /** Mean squared difference over the variance of the reference. */
  readonly nmse: number
  readonly largestDifference: number
  /** KL divergence of the candidate from the reference, in nats. */
  readonly divergence: number
  readonly sameTop: boolean
  /** Of the reference's ten likeliest tokens, how many are among the candidate's. */
  readonly sharedTop10: number
}

export type LogitsComparison = {
  readonly nmse: number
  readonly largestDifference: number
  readonly meanDifference: number
  readonly cosine: number
  /** Mean over positions, in nats. */
  readonly divergence: number
  readonly largestDivergence: number
  /** Shares of one. */
  readonly sameTop: number
  readonly sharedTop10: number
  readonly positions: readonly PositionComparison[]
  /** Some logits of the last position, reference and candidate, evenly spread over the vocabulary: for a scatter plot. */
  readonly sample: readonly (readonly [number, number])[]
}

/** Dots that a scatter plot still shows apart. */
const SAMPLE = 500

/**
 * @param reference row-major [positions, vocabularySize], as `candidate`
 * @throws FsError `eval/shape-mismatch`
 */
export function compareLogits(reference: Float32Array, candidate: Float32Array, vocabularySize: number): LogitsComparison {
  if (reference.length !== candidate.length || reference.length === 0 || reference.length % vocabularySize !== 0) {
    throw evalError(
      'eval/shape-mismatch',
      `the reference has ${reference.length} logits and the candidate ${candidate.length}, in rows of ${vocabularySize}; only equal shapes can be compared`,
      { reference: reference.length, candidate: candidate.length, vocabularySize },
    )
  }
  const [base, mine] = [fromLogits(reference, vocabularySize), fromLogits(candidate, vocabularySize)]
  const whole = errorSums()
  const positions = Array.from({ length: reference.length / vocabularySize }, (_, row): PositionComparison => {
    const [start, end] = [row * vocabularySize, (row + 1) * vocabularySize]
    const [left, right] = [reference.subarray(start, end), candidate.subarray(start, end)]
    const here = errorSums()
    here.add(left, right)
    whole.add(left, right)
    const { nmse, largestDifference } = here.figures()
    const { divergence, sameTop } = compareRow(mine, base, row, 0, vocabularySize)
    return { nmse, largestDifference, divergence, sameTop, sharedTop10: shared(top(left, 10), top(right, 10)) }
  })
  const average = (value: (position: PositionComparison) => number) =>
    positions.reduce((sum, position) => sum + value(position), 0) / positions.length
  return {
    ...whole.figures(),
    divergence: average(({ divergence }) => divergence),
    largestDivergence: positions.reduce((most, { divergence }) => Math.max(most, divergence), 0),
    sameTop: average(({ sameTop }) => (sameTop ? 1 : 0)),
    sharedTop10: average(({ sharedTop10 }) => sharedTop10 / Math.min(10, vocabularySize)),
    positions,
    sample: sampleOf(reference.subarray(-vocabularySize), candidate.subarray(-vocabularySize)),
  }
}

function sampleOf(reference: Float32Array, candidate: Float32Array): readonly (readonly [number, number])[] {
  const count = Math.min(SAMPLE, reference.length)
  return Array.from({ length: count }, (_, index) => {
    const token = Math.floor((index * reference.length) / count)
    return [reference[token]!, candidate[token]!] as const
  })
}

/** check-nmse.py's words for a normalized mean squared error; llama.cpp's check holds below 1e-2. */
export function nmseInWords(nmse: number): string {
  if (nmse === 0) return 'perfect'
  const bands = [
    [1e-6, 'essentially identical'],
    [1e-4, 'excellent'],
    [1e-3, 'very good'],
    [1e-2, 'good'],
    [0.1, 'acceptable'],
    [1, 'poor'],
  ] as const
  return bands.find(([limit]) => nmse < limit)?.[1] ?? 'very poor'
}

function top(row: Float32Array, count: number): readonly number[] {
  const best: number[] = []
  for (let token = 0; token < row.length; token++) {
    if (best.length === count && row[token]! <= row[best[count - 1]!]!) continue
    const place = best.findIndex((other) => row[token]! > row[other]!)
    best.splice(place < 0 ? best.length : place, 0, token)
    if (best.length > count) best.pop()
  }
  return best
}

function shared(left: readonly number[], right: readonly number[]): number {
  return left.filter((token) => right.includes(token)).length
}
