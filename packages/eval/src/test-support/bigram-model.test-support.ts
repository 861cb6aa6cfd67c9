// A language model that needs no engine: the next token depends on the last one alone, by a table of logits made from a seed.
// It keeps the whole contract, so what is measured here is measured as on a large model; it is no stand-in for one's numbers.
import type { LanguageModel, Sequence } from '@fs/core'

/** @param noise added to each logit, drawn anew for each seed: a "quantized" copy of the same model */
export function bigramModel(options: { readonly vocabularySize: number; readonly seed: number; readonly noise?: number }): LanguageModel {
  const { vocabularySize, seed, noise = 0 } = options
  const [base, error] = [random(7), random(seed)]
  const table = Float32Array.from({ length: vocabularySize ** 2 }, () => 6 * base() + noise * (error() - 0.5))
  const rowOf = (token: number) => table.subarray(token * vocabularySize, (token + 1) * vocabularySize)
  const append = (sequence: Sequence, tokens: readonly number[]) => (sequence.tokens as number[]).push(...tokens)
  return {
    vocabularySize,
    contextLength: 64,
    createSequence: () => {
      const tokens: number[] = []
      return { tokens, truncate: (length) => void tokens.splice(length), dispose: () => undefined }
    },
    prefill: async ({ sequence, tokens }, logits) => {
      append(sequence, tokens)
      const wanted = logits === 'all' ? tokens : tokens.slice(-1)
      const rows = new Float32Array(wanted.length * vocabularySize)
      for (const [index, token] of wanted.entries()) rows.set(rowOf(token), index * vocabularySize)
      return rows
    },
    step: async (batch) =>
      batch.map(({ sequence, tokens }) => {
        append(sequence, tokens)
        return rowOf(tokens.at(-1)!).slice()
      }),
    dispose: async () => undefined,
  }
}

/** Numbers in [0, 1) by a linear congruence: equal on every machine. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Text of the models above. */
export function randomTokens(length: number, vocabularySize: number): Int32Array {
  const next = random(11)
  return Int32Array.from({ length }, () => Math.floor(next() * vocabularySize))
}
