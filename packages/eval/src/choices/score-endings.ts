// How likely a model finds each of several texts that begin alike. What the texts are, and which is right, is the caller's.
import type { LanguageModel } from '@fs/core'
import { evalError } from '../errors.ts'
import { fromLogits } from '../scoring/log-probabilities.ts'

/** Rows of log-probabilities: `at(row, token)`. */
export type Rows = { readonly count: number; at(row: number, token: number): number }

/** What follows the tokens all texts begin with. */
export type ScoredTexts = {
  /** Tokens in common. */
  readonly shared: number
  /** What follows the last shared token; no row where nothing is shared. */
  readonly first: Rows
  /** For each text, what follows each of its own tokens. */
  readonly rest: readonly Rows[]
}

/** Runs what all texts begin with once, then the rest of each. @param shared at most the length of the shortest */
export async function scoreTexts(model: LanguageModel, texts: readonly (readonly number[])[], shared: number): Promise<ScoredTexts> {
  const sequence = model.createSequence()
  const rowsAfter = async (tokens: readonly number[], logits: 'last' | 'all') =>
    rowsOf(tokens.length === 0 ? new Float32Array() : await model.prefill({ sequence, tokens }, logits), model.vocabularySize)
  try {
    const first = await rowsAfter(texts[0]!.slice(0, shared), 'last')
    const rest: Rows[] = []
    for (const tokens of texts) {
      rest.push(await rowsAfter(tokens.slice(shared), 'all'))
      sequence.truncate(shared)
    }
    return { shared, first, rest }
  } finally {
    sequence.dispose()
  }
}

function rowsOf(logits: Float32Array, vocabularySize: number): Rows {
  const { values, normalizers } = fromLogits(logits, vocabularySize)
  return { count: normalizers.length, at: (row, token) => values[row * vocabularySize + token]! - normalizers[row]! }
}

/**
 * Mean log-probability of each text's tokens after the ones all begin with (acc_norm of HellaSwag and multiple choice in
 * tools/perplexity/perplexity.cpp). The last token of each is scored always, also where one text begins another.
 */
export async function scoreEndings(model: LanguageModel, texts: readonly (readonly number[])[]): Promise<readonly number[]> {
  const shared = Math.min(sharedPrefix(texts), ...texts.map(({ length }) => length - 1))
  const { first, rest } = await scoreTexts(model, texts, shared)
  return texts.map((tokens, text) => {
    let sum = 0
    // Without a shared token nothing predicts the first one.
    const from = Math.max(shared, 1)
    for (let position = from; position < tokens.length; position++) {
      const token = tokens[position]!
      sum += position === shared ? first.at(0, token) : rest[text]!.at(position - shared - 1, token)
    }
    return sum / (tokens.length - from)
  })
}

/** @param task its number from 1 @throws FsError `eval/context-length` where a text is longer than the model holds */
export function checkFits(model: LanguageModel, texts: readonly (readonly number[])[], task: number): void {
  const tokens = Math.max(...texts.map(({ length }) => length))
  if (tokens <= model.contextLength) return
  throw evalError(
    'eval/context-length',
    `task ${task} takes ${tokens} tokens and the model holds ${model.contextLength}; leave the task out`,
    {
      task,
      tokens,
      largest: model.contextLength,
    },
  )
}

/** Tokens all texts begin with. */
export function sharedPrefix(texts: readonly (readonly number[])[]): number {
  const most = Math.min(...texts.map(({ length }) => length))
  let shared = 0
  while (shared < most && texts.every((tokens) => tokens[shared] === texts[0]![shared])) shared++
  return shared
}

/** The first of the largest. */
export function likeliestOf(scores: readonly number[]): number {
  return scores.reduce((best, score, index) => (score > scores[best]! ? index : best), 0)
}
