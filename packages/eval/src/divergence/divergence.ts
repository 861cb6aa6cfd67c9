// KL divergence of a candidate from a base over a text, both streamed side by side: two models, or a model and a saved file.
// Memory is one piece of each; no file is needed in between.
import { evalError } from '../errors.ts'
import type { Scored } from '../scoring/score-windows.ts'
import { windowTargets } from '../scoring/windows.ts'
import { compareRow } from './compare-row.ts'
import { type DivergenceStatistics, divergenceSums } from './statistics.ts'

export type DivergenceOptions = {
  /** After each window, with its index and the statistics of everything so far. */
  readonly onWindow?: (index: number, statistics: DivergenceStatistics) => void
  readonly signal?: AbortSignal
}

/** @throws FsError `eval/vocabulary-mismatch`, `eval/token-mismatch`, and what either side throws */
export async function measureDivergence(candidate: Scored, base: Scored, options: DivergenceOptions = {}): Promise<DivergenceStatistics> {
  const { vocabularySize, windows } = candidate
  checkSameText(candidate, base)
  const sums = divergenceSums(windows.count * (windows.contextLength - 1 - windows.firstScored))
  for (let index = 0; index < windows.count; index++) {
    const targets = windowTargets(windows, index)
    const other = base.window(index)[Symbol.asyncIterator]()
    try {
      let position = 0
      for await (const piece of candidate.window(index)) {
        options.signal?.throwIfAborted()
        const counterpart = (await other.next()).value
        for (let row = 0; row < piece.normalizers.length; row++)
          sums.add(compareRow(piece, counterpart, row, targets[position++]!, vocabularySize))
      }
    } finally {
      await other.return?.()
    }
    options.onWindow?.(index, sums.statistics())
  }
  return sums.statistics()
}

function checkSameText(candidate: Scored, base: Scored): void {
  if (candidate.vocabularySize !== base.vocabularySize) {
    throw evalError(
      'eval/vocabulary-mismatch',
      `the candidate knows ${candidate.vocabularySize} tokens and the base ${base.vocabularySize}; only models of one vocabulary can be compared`,
      { candidate: candidate.vocabularySize, base: base.vocabularySize },
    )
  }
  const [mine, theirs] = [candidate.windows, base.windows]
  const sameShape = (['contextLength', 'count', 'step', 'firstScored'] as const).every((key) => mine[key] === theirs[key])
  const used = (mine.count - 1) * mine.step + mine.contextLength
  const differing = sameShape ? mine.tokens.subarray(0, used).findIndex((token, index) => token !== theirs.tokens[index]) : 0
  if (differing < 0) return
  throw evalError(
    'eval/token-mismatch',
    sameShape
      ? `the two sides read different tokens from token ${differing} on (${mine.tokens[differing]} and ${theirs.tokens[differing]}): their tokenizers differ`
      : `the two sides cut the text differently: ${mine.count} windows of ${mine.contextLength} and ${theirs.count} of ${theirs.contextLength}`,
    { position: differing },
  )
}
