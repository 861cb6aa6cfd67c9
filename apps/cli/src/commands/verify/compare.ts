// Runs the prompts of a verification on both sides and compares what comes out. What the figures mean is decided in `run.ts`.
import { BUILT_IN_TEXT, type ComparedPrompt, compareEmbeddings, compareLogits, promptLengths } from '@fs/eval'
import type { ModelSide, SavedSide } from './sides.ts'

export type Prompt = { readonly prompt: string; readonly text: string; readonly tokens?: number }

/** Numbers compared for one prompt: 64 MiB a side. */
const MOST_VALUES = 1 << 24

export function builtInPrompts({ opened }: ModelSide): readonly Prompt[] {
  return promptLengths(opened.description.spec).map((tokens) => ({
    prompt: `built-in text, ${tokens} tokens`,
    // More than one character for each token, in any tokenizer.
    text: BUILT_IN_TEXT.repeat(Math.ceil((tokens * 12) / BUILT_IN_TEXT.length)),
    tokens,
  }))
}

export async function comparePrompt(reference: ModelSide | SavedSide, candidate: ModelSide, prompt: Prompt): Promise<ComparedPrompt> {
  const encode = ({ tokenizer }: ModelSide) => tokenizer.encode(prompt.text, { addSpecialTokens: true }).slice(0, prompt.tokens)
  const theirs = reference.kind === 'saved' ? reference.set.tokens : encode(reference)
  // Saved logits without their prompt are compared on their own tokens.
  const mine = reference.kind === 'saved' && reference.prompt === undefined ? theirs : encode(candidate)
  const positions =
    reference.kind === 'saved'
      ? reference.set.logits.length / candidate.width
      : Math.min(theirs.length, Math.max(1, Math.floor(MOST_VALUES / candidate.width)))
  const expected = reference.kind === 'saved' ? reference.set.logits : await reference.rows(theirs, positions)
  const actual = await candidate.rows(theirs, Math.max(1, Math.min(theirs.length, Math.floor(positions))))
  const common = { prompt: prompt.prompt, tokens: theirs.length, positions, firstDifferentToken: firstDifference(theirs, mine) }
  const { positions: rows, ...figures } = compareLogits(expected, actual, candidate.width)
  if (candidate.measured === 'logits') {
    return { ...common, nmse: figures.nmse, largestDifference: figures.largestDifference, logits: { ...figures, positions: rows } }
  }
  const { meanCosine, similarityDifference } = compareEmbeddings(expected, actual, candidate.width)
  return {
    ...common,
    nmse: figures.nmse,
    largestDifference: figures.largestDifference,
    embeddings: { meanCosine, largestSimilarityDifference: similarityDifference.largest },
  }
}

function firstDifference(left: readonly number[], right: readonly number[]): number | null {
  const longest = Math.max(left.length, right.length)
  for (let index = 0; index < longest; index++) if (left[index] !== right[index]) return index
  return null
}
