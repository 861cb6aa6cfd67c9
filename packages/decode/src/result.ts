// What a completion gives, as it comes and at the end.
import type { Logprobs } from './choose/logprobs.ts'
import type { FinishReason } from './sequence/completion.ts'

export type Usage = {
  readonly promptTokens: number
  /** Prompt tokens whose state was already there. */
  readonly reusedTokens: number
  /** Tokens chosen, a stop token included. */
  readonly completionTokens: number
  /** Tokens guessed by look-up, and how many of them the model chose too. */
  readonly guessedTokens: number
  readonly acceptedTokens: number
}

export type Completed = {
  /** The completion without the prompt, without stop token or stop string. */
  readonly text: string
  /** Its tokens without the stop token. Tokens of a stop string are among them: borders need not agree. */
  readonly tokens: readonly number[]
  readonly promptTokens: readonly number[]
  readonly finishReason: FinishReason
  readonly stopToken: number | undefined
  readonly stopString: string | undefined
  /** One for each token chosen, if `topLogprobs` was set. */
  readonly logprobs: readonly Logprobs[] | undefined
  readonly usage: Usage
}

/** A part of a stream. `delta` comes for every token, with text that may be empty; `finish` is the last. */
export type StreamPart =
  | { readonly type: 'delta'; readonly text: string; readonly token: number; readonly logprobs: Logprobs | undefined }
  | ({ readonly type: 'finish' } & { readonly completed: Completed })
