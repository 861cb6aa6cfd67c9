// An importance matrix: for each tensor how much each input channel mattered, as sums of squared activations and how often they were taken.
// The two file forms are in `read.ts` and `write.ts`; collecting one is `@fs/eval`'s business.

/** One tensor's statistics. A mixture's tensor has one count for each expert, and `sums` holds the experts' channels one after another. */
export type ImatrixEntry = { readonly sums: Float32Array; readonly counts: Float32Array }

export type Imatrix = {
  /** By GGUF tensor name. */
  readonly entries: ReadonlyMap<string, ImatrixEntry>
  /** Names of the texts it was made from. */
  readonly datasets: readonly string[]
  readonly chunkCount: number
  /** Tokens in a chunk; 0 in the older form, which does not say. */
  readonly chunkSize: number
}

/**
 * The weight of each channel: its mean square, or 1 for an expert no token reached (tools/quantize/quantize.cpp, load_imatrix).
 * @returns `sums.length` numbers
 */
export function channelWeights({ sums, counts }: ImatrixEntry): Float32Array {
  const weights = new Float32Array(sums.length)
  const channels = sums.length / counts.length
  for (const [matrix, count] of counts.entries()) {
    for (let channel = matrix * channels; channel < (matrix + 1) * channels; channel++)
      weights[channel] = count > 0 ? sums[channel]! / count : 1
  }
  return weights
}
