// Runs a model over the windows of a text and hands out the scored positions' distributions, piece by piece.
// It keeps no distribution: memory is one piece, however long the context and large the vocabulary.
import type { LanguageModel } from '@fs/core'
import { evalError } from '../errors.ts'
import { fromLogits, type LogProbabilities, positionsPerPiece } from './log-probabilities.ts'
import { type Windows, windowInput } from './windows.ts'

/** Distributions of a text's scored positions, window by window, each window in pieces of `positionsPerPiece` positions. */
export type Scored = {
  readonly vocabularySize: number
  readonly windows: Windows
  /** Pieces of one window, in order. Windows are asked for in order, each once. */
  window(index: number): AsyncIterable<LogProbabilities>
}

/** @throws FsError `eval/context-length` when the model cannot hold a window; while iterating, what the model throws */
export function scoreWindows(model: LanguageModel, windows: Windows): Scored {
  const { vocabularySize } = model
  if (windows.contextLength > model.contextLength) {
    throw evalError(
      'eval/context-length',
      `the model holds ${model.contextLength} tokens; a context of ${windows.contextLength} is too long for it`,
      { contextLength: windows.contextLength, largest: model.contextLength },
    )
  }
  return { vocabularySize, windows, window: (index) => scoreWindow(model, windows, index) }
}

async function* scoreWindow(model: LanguageModel, windows: Windows, index: number): AsyncGenerator<LogProbabilities> {
  const input = windowInput(windows, index)
  const { firstScored, contextLength } = windows
  const sequence = model.createSequence()
  try {
    if (firstScored > 0) await model.prefill({ sequence, tokens: input.slice(0, firstScored) }, 'last')
    const perPiece = positionsPerPiece(model.vocabularySize)
    // The last token predicts one beyond the window, which nobody scores.
    for (let position = firstScored; position < contextLength - 1; position += perPiece) {
      const tokens = input.slice(position, Math.min(position + perPiece, contextLength - 1))
      yield fromLogits(await model.prefill({ sequence, tokens }, 'all'), model.vocabularySize)
    }
  } finally {
    sequence.dispose()
  }
}
