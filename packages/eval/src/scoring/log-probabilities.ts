// Next-token distributions, some positions at a time, in the form everything here measures: values and what to take off them.
// Made from a model's logits here, and from a saved file in `../logits-file/read.ts`.

/** Row-major [positions, vocabularySize]. The log-probability of token `t` at position `p` is `values[p * vocabularySize + t] - normalizers[p]`. */
export type LogProbabilities = {
  readonly values: Float32Array
  readonly normalizers: Float64Array
}

/** @param logits row-major [positions, vocabularySize]; kept, not copied */
export function fromLogits(logits: Float32Array, vocabularySize: number): LogProbabilities {
  const normalizers = new Float64Array(logits.length / vocabularySize)
  for (let row = 0; row < normalizers.length; row++) normalizers[row] = logSumExp(logits, row * vocabularySize, vocabularySize)
  return { values: logits, normalizers }
}

function logSumExp(values: Float32Array, start: number, length: number): number {
  let largest = values[start]!
  for (let index = start + 1; index < start + length; index++) if (values[index]! > largest) largest = values[index]!
  let sum = 0
  for (let index = start; index < start + length; index++) sum += Math.exp(values[index]! - largest)
  return largest + Math.log(sum)
}

/** The first of the largest values of a row, as llama.cpp takes it. */
export function likeliest(values: Float32Array, start: number, length: number): number {
  let best = start
  for (let index = start + 1; index < start + length; index++) if (values[index]! > values[best]!) best = index
  return best - start
}

/** Numbers of a piece: 32 MiB of logits, whatever the vocabulary. */
const PIECE_VALUES = 1 << 23

/** Positions that are computed and held together. The same for both sides of a comparison. */
export function positionsPerPiece(vocabularySize: number): number {
  return Math.max(1, Math.floor(PIECE_VALUES / vocabularySize))
}
