// The layout of llama-perplexity's file of log-probabilities (`--kl-divergence-base`, usually `.kld`; tools/perplexity/perplexity.cpp):
// `_logits_`, int32 context, int32 vocabulary, int32 chunks, int32 tokens, then a row of uint16 for each scored position. Little-endian.

export const MAGIC = '_logits_'

/** Bytes before the tokens. */
export const PREAMBLE_BYTES = MAGIC.length + 3 * 4

export type LogitsFileShape = { readonly contextLength: number; readonly vocabularySize: number; readonly count: number }

/** Positions scored in each chunk. */
export function rowsPerChunk(contextLength: number): number {
  return contextLength - 1 - Math.floor(contextLength / 2)
}

/** A row is a float32 scale, a float32 lowest log-probability, and a uint16 for each token, of which an odd vocabulary has one to spare. */
export function rowBytes(vocabularySize: number): number {
  return 2 * (2 * Math.floor((vocabularySize + 1) / 2) + 4)
}

/** Exact while it is below 2^53, which the reader checks against the real size. */
export function logitsFileBytes({ contextLength, vocabularySize, count }: LogitsFileShape): bigint {
  const rows = BigInt(count) * BigInt(rowsPerChunk(contextLength))
  return BigInt(PREAMBLE_BYTES) + 4n * BigInt(count) * BigInt(contextLength) + rows * BigInt(rowBytes(vocabularySize))
}
