// Which tokens of a text are read together and which of them are scored: llama-perplexity's windows (tools/perplexity/perplexity.cpp).
// Only arithmetic over positions; running a model over a window is `score-windows.ts`.
import { evalError } from '../errors.ts'

export type Windows = {
  readonly tokens: Int32Array
  /** Tokens a model sees at once. */
  readonly contextLength: number
  readonly count: number
  /** Tokens from the start of one window to the start of the next. */
  readonly step: number
  /** Position in a window whose logits are the first to be scored; they predict the token after it. */
  readonly firstScored: number
  /** Stands in for the first token of each window, in models that begin every text with it. */
  readonly beginningToken?: number
}

export type WindowOptions = {
  readonly contextLength: number
  /** At most so many windows; all of them where it is left out. */
  readonly chunks?: number
  readonly beginningToken?: number
  /**
   * Windows overlap: each starts so many tokens after the one before and scores its last `stride` tokens, so every token is seen with a
   * long past. Slower by contextLength / stride. llama-perplexity replaces no first token here.
   */
  readonly stride?: number
}

/**
 * Cuts a text into windows. Without a stride they touch, and the second half of each is scored: 255 tokens in a context of 512.
 * @param tokens of the whole text, with the special tokens its tokenizer adds
 * @throws FsError `eval/too-few-tokens` for less than two windows, as llama-perplexity does; `eval/context-length`
 */
export function textWindows(tokens: ArrayLike<number>, options: WindowOptions): Windows {
  const { contextLength, stride } = options
  if (!Number.isInteger(contextLength) || contextLength < 4)
    throw evalError('eval/context-length', `a context of ${contextLength} tokens scores nothing; take at least 4`, { contextLength })
  if (stride !== undefined && (!Number.isInteger(stride) || stride < 1 || stride >= contextLength))
    throw evalError('eval/context-length', `a stride of ${stride} must be at least 1 and below the context of ${contextLength}`, { stride })
  if (tokens.length < 2 * contextLength) {
    throw evalError(
      'eval/too-few-tokens',
      `the text is ${tokens.length} tokens long and a context of ${contextLength} needs ${2 * contextLength}; take a longer text or a shorter context`,
      { tokens: tokens.length, contextLength },
    )
  }
  const most = stride === undefined ? Math.floor(tokens.length / contextLength) : Math.ceil((tokens.length - contextLength) / stride)
  const { beginningToken } = options
  return {
    tokens: Int32Array.from(tokens),
    contextLength,
    count: Math.min(options.chunks ?? most, most),
    step: stride ?? contextLength,
    firstScored: stride === undefined ? Math.floor(contextLength / 2) : contextLength - stride - 1,
    ...(beginningToken === undefined || stride !== undefined ? {} : { beginningToken }),
  }
}

/** What a model is fed for a window: its tokens, the first replaced where the model begins every text with the same token. */
export function windowInput({ tokens, contextLength, step, beginningToken }: Windows, index: number): number[] {
  const input = Array.from(tokens.subarray(index * step, index * step + contextLength))
  if (beginningToken !== undefined) input[0] = beginningToken
  return input
}

/** Tokens a window is scored against, in order. */
export function windowTargets({ tokens, contextLength, step, firstScored }: Windows, index: number): Int32Array {
  return tokens.subarray(index * step + firstScored + 1, index * step + contextLength)
}
