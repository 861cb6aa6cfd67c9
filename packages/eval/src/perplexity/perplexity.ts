// Perplexity of a text by llama-perplexity's method: exp of the mean negative log-likelihood of the scored tokens.
// Reading the text is the caller's.
import type { LogProbabilities } from '../scoring/log-probabilities.ts'
import type { Scored } from '../scoring/score-windows.ts'
import { windowTargets } from '../scoring/windows.ts'

export type Perplexity = {
  readonly perplexity: number
  /** One standard deviation of the perplexity. */
  readonly uncertainty: number
  /** Mean, in nats for a token. */
  readonly negativeLogLikelihood: number
  readonly scoredTokens: number
  /** Perplexity after each window, of all tokens so far. */
  readonly running: readonly number[]
}

export type PerplexityOptions = {
  /** After each window, with its index and the perplexity so far. */
  readonly onWindow?: (index: number, perplexity: number) => void
  /** Sees every piece as it is computed, to keep it: see `createLogitsFile`. */
  readonly onPiece?: (piece: LogProbabilities) => Promise<void>
  readonly signal?: AbortSignal
}

/** @throws FsError what the model throws; the signal's reason when it is aborted */
export async function measurePerplexity(scored: Scored, options: PerplexityOptions = {}): Promise<Perplexity> {
  const { windows, vocabularySize } = scored
  const running: number[] = []
  let [sum, squares, count] = [0, 0, 0]
  for (let index = 0; index < windows.count; index++) {
    const targets = windowTargets(windows, index)
    let position = 0
    for await (const piece of scored.window(index)) {
      options.signal?.throwIfAborted()
      for (let row = 0; row < piece.normalizers.length; row++) {
        const loss = piece.normalizers[row]! - piece.values[row * vocabularySize + targets[position++]!]!
        sum += loss
        squares += loss * loss
      }
      await options.onPiece?.(piece)
    }
    count += position
    running.push(Math.exp(sum / count))
    options.onWindow?.(index, running.at(-1)!)
  }
  const negativeLogLikelihood = sum / count
  const perplexity = Math.exp(negativeLogLikelihood)
  const variance = squares / count - negativeLogLikelihood ** 2
  const uncertainty = variance > 0 ? Math.sqrt(variance / (count - 1)) * perplexity : 0
  return { perplexity, uncertainty, negativeLogLikelihood, scoredTokens: count, running }
}

/** llama-perplexity's running line: `[3]27.1643,`. @param index from 0 */
export function runningLine(index: number, perplexity: number): string {
  return `[${index + 1}]${perplexity.toFixed(4)},`
}

/** llama-perplexity's last line. */
export function finalLine({ perplexity, uncertainty }: Perplexity): string {
  return `Final estimate: PPL = ${perplexity.toFixed(4)} +/- ${uncertainty.toFixed(5)}`
}
