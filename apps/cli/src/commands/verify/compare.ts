// Runs the prompts of a verification on both sides, one side after the other, and compares what comes out. What the figures mean is
// decided in `run.ts`.
import { type ComparedPrompt, compareEmbeddings, compareLogits } from '@fs/eval'
import type { Prompt } from './prompts.ts'
import type { RunningSide } from './run-side.ts'
import type { Measured, Side } from './sides.ts'

/** Numbers kept of the reference while the candidate runs: 64 MiB for one prompt, 256 MiB for all. */
const MOST_VALUES = 1 << 24
const MOST_VALUES_IN_ALL = 1 << 26

/** What the reference says to a prompt. */
export type Expected = { readonly prompt: Prompt; readonly tokens: readonly number[]; readonly rows: Float32Array }

/** @param most positions from the end */
export async function askReference(running: RunningSide, prompt: Prompt, most: number): Promise<Expected> {
  const tokens = await tokensOf(running, prompt)
  return { prompt, tokens, rows: await running.rows(tokens, Math.min(tokens.length, most)) }
}

/** Positions of each prompt that are compared: what there is room for, and what was saved. @param prompts how many there are */
export function mostPositions(sides: readonly Side[], width: number, prompts: number): number {
  const room = Math.floor(Math.min(MOST_VALUES, MOST_VALUES_IN_ALL / prompts) / width)
  return Math.min(Math.max(1, room), ...sides.map((side) => (side.kind === 'saved' ? side.set.logits.length / width : room)))
}

/** The candidate is fed the reference's tokens; where its own differ, that is told. */
export async function compareWith(
  { prompt, tokens, rows: expected }: Expected,
  running: RunningSide,
  { width, measured }: { readonly width: number; readonly measured: Measured },
): Promise<ComparedPrompt> {
  const mine = await tokensOf(running, prompt)
  const positions = expected.length / width
  const actual = await running.rows(tokens, positions)
  const common = { prompt: prompt.prompt, tokens: tokens.length, positions, firstDifferentToken: firstDifference(tokens, mine) }
  const { positions: rows, ...figures } = compareLogits(expected, actual, width)
  const { nmse, largestDifference } = figures
  if (measured === 'logits') return { ...common, nmse, largestDifference, logits: { ...figures, positions: rows } }
  const { meanCosine, similarityDifference } = compareEmbeddings(expected, actual, width)
  return { ...common, nmse, largestDifference, embeddings: { meanCosine, largestSimilarityDifference: similarityDifference.largest } }
}

/** Numbers in a row. Two files of saved logits say nothing of it: each is taken as one row, and must be as long as the other. */
export function widthOf(reference: Side, candidate: Side): number {
  if (candidate.kind !== 'saved') return candidate.width
  return reference.kind !== 'saved' ? reference.width : reference.set.logits.length
}

async function tokensOf(running: RunningSide, { text, tokens, given }: Prompt): Promise<readonly number[]> {
  return given ?? (await running.encode(text)).slice(0, tokens)
}

function firstDifference(left: readonly number[], right: readonly number[]): number | null {
  const longest = Math.max(left.length, right.length)
  for (let index = 0; index < longest; index++) if (left[index] !== right[index]) return index
  return null
}
