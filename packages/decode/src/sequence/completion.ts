// One completion as a state machine: a row of logits in, a token and certain text out. It knows nothing of the model or of other
// completions.
import { createChooser } from '../choose/chooser.ts'
import { type Logprobs, logprobsOf } from '../choose/logprobs.ts'
import type { TextCodec } from '../codec.ts'
import { DEFAULT_MAX_TOKENS, type DecodingConfig } from '../config.ts'
import { textAssembler } from '../text/assembler.ts'
import { createLookup } from './lookup.ts'

export type FinishReason =
  /** The model chose a stop token. */
  | 'stop-token'
  /** A stop string was completed. */
  | 'stop-string'
  /** `maxTokens` were written. */
  | 'max-tokens'
  /** The model can hold no more. */
  | 'context-full'
  /** The constraint is satisfied and allows nothing further. */
  | 'constraint-complete'

/** What one row of logits led to. */
export type Choice = {
  readonly token: number
  /** Text that became certain; may be empty. */
  readonly text: string
  readonly logprobs: Logprobs | undefined
}

export type Completion = {
  /** Prompt and chosen tokens, the stop token left out. */
  readonly tokens: readonly number[]
  readonly finishReason: FinishReason | undefined
  /** The stop token or string that ended it. */
  readonly stopToken: number | undefined
  readonly stopString: string | undefined
  /** Tokens chosen, a stop token included. */
  readonly chosen: number
  /** Guesses at the next tokens, at most `room`. */
  guess(room: number): readonly number[]
  reportGuess(guessed: number, right: number): void
  /** Chooses from the logits that follow `tokens`. */
  choose(logits: Float32Array): Choice
  /** Ends for want of room. @returns text that was held back */
  endFull(): string
}

/**
 * @param limit ids from here on have no token
 */
export function startCompletion(codec: TextCodec, promptTokens: readonly number[], config: DecodingConfig, limit: number): Completion {
  const { topLogprobs } = config
  const tokens = [...promptTokens]
  const history = { tokens, promptLength: promptTokens.length }
  const chooser = createChooser(config, limit)
  const stopTokens = new Set(config.stopTokens)
  const constraint = config.constraint?.start(stopTokens)
  const assembler = textAssembler(codec, promptTokens, config.stopStrings ?? [])
  const lookup = config.lookup === undefined ? undefined : createLookup(config.lookup)
  const maxTokens = config.maxTokens ?? DEFAULT_MAX_TOKENS
  lookup?.push(promptTokens)

  let finishReason: FinishReason | undefined
  let stopToken: number | undefined
  let stopString: string | undefined
  let chosen = 0

  const finish = (reason: FinishReason): string => {
    finishReason = reason
    if (reason === 'stop-string') return ''
    const last = assembler.end()
    if (last.stop !== undefined) {
      finishReason = 'stop-string'
      stopString = last.stop
    }
    return last.text
  }

  return {
    tokens,
    get finishReason() {
      return finishReason
    },
    get stopToken() {
      return stopToken
    },
    get stopString() {
      return stopString
    },
    get chosen() {
      return chosen
    },
    guess: (room) => lookup?.guess(room) ?? [],
    reportGuess: (guessed, right) => lookup?.report(guessed, right),
    endFull: () => finish('context-full'),
    choose(logits) {
      const token = chooser(logits, history, constraint)
      const logprobs = topLogprobs === undefined ? undefined : logprobsOf(logits, limit, token, topLogprobs)
      chosen += 1
      if (stopTokens.has(token)) {
        stopToken = token
        return { token, text: finish('stop-token'), logprobs }
      }
      tokens.push(token)
      lookup?.push([token])
      constraint?.advance(token)
      const { text, stop } = assembler.push(token)
      stopString = stop
      const reason =
        stop !== undefined ? 'stop-string' : constraint?.finished ? 'constraint-complete' : chosen >= maxTokens ? 'max-tokens' : undefined
      return { token, text: reason === undefined ? text : text + finish(reason), logprobs }
    },
  }
}
