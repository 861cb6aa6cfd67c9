// One completion on its model sequence: which tokens the model reads next, and what its logits mean.
// The order among slots is `decoder.ts`; the choice of a token is `sequence/completion.ts`.
import type { LanguageModel, Sequence } from '@fs/core'
import type { Logprobs } from './choose/logprobs.ts'
import type { TextCodec } from './codec.ts'
import type { DecodingConfig } from './config.ts'
import { fail } from './errors.ts'
import type { PartQueue } from './part-queue.ts'
import type { StreamPart } from './result.ts'
import { startCompletion } from './sequence/completion.ts'

/** Tokens to read in a call of their own, and what to do with the logits. */
export type Reading = { readonly tokens: readonly number[]; readonly logits: 'last' | 'all'; take(logits: Float32Array): void }

export type Slot = {
  readonly sequence: Sequence
  readonly queue: PartQueue<StreamPart>
  /** True when nothing more is wanted of it. */
  readonly cancelled: boolean
  readonly finished: boolean
  /** What has to be read alone: a piece of the prompt, or a guess. Undefined when `nextToken` may be stepped with others. */
  plan(prefillChunk: number): Reading | undefined
  /** The last chosen token, which the model has not read yet. */
  readonly nextToken: number
  /** Takes the logits after `nextToken`. */
  take(logits: Float32Array): void
  /** Asks for the end of the work; a call to the model that is under way goes on until it returns. */
  cancel(): void
  /** The work has ended: frees a sequence that was made here. */
  release(): void
  /** The work has ended in a state where nothing can be freed. */
  abandon(): void
  /** Settles when the work has ended. */
  readonly released: Promise<void>
}

type SlotRequest = {
  readonly tokens: readonly number[]
  readonly config: DecodingConfig
  readonly queue: PartQueue<StreamPart>
  readonly sequence?: Sequence
}

/** @throws FsError `decode/prompt-too-long`, `decode/context-overflow` */
export function createSlot(model: LanguageModel, codec: TextCodec, { tokens: prompt, config, queue, sequence: given }: SlotRequest): Slot {
  // The last token chosen need not be read, so a prompt of the full length still gets one.
  const room = model.contextLength - prompt.length + 1
  checkRoom(model, prompt, config, room)
  const limit = Math.min(model.vocabularySize, codec.vocabularySize)
  const completion = startCompletion(codec, prompt, config, limit)
  const sequence = given ?? model.createSequence()
  const reused = sharedLength(sequence.tokens, prompt)
  sequence.truncate(reused)
  const rowLength = model.vocabularySize
  let text = ''
  let guessed = 0
  let accepted = 0
  let cancelled = false
  const released = Promise.withResolvers<void>()
  const logprobs: Logprobs[] = []

  const finish = () => {
    const { finishReason, stopToken, stopString, tokens, chosen } = completion
    queue.push({
      type: 'finish',
      completed: {
        text,
        tokens: tokens.slice(prompt.length),
        promptTokens: prompt,
        finishReason: finishReason!,
        stopToken,
        stopString,
        logprobs: config.topLogprobs === undefined ? undefined : logprobs,
        usage: {
          promptTokens: prompt.length,
          reusedTokens: reused,
          completionTokens: chosen,
          guessedTokens: guessed,
          acceptedTokens: accepted,
        },
      },
    })
  }

  const take = (logits: Float32Array): number => {
    const choice = completion.choose(logits)
    const full = completion.finishReason === undefined && completion.tokens.length > model.contextLength
    const more = full ? completion.endFull() : ''
    text += choice.text + more
    if (choice.logprobs !== undefined) logprobs.push(choice.logprobs)
    queue.push({ type: 'delta', text: choice.text + more, token: choice.token, logprobs: choice.logprobs })
    if (completion.finishReason !== undefined) finish()
    return choice.token
  }

  /** Reads the next token and a guess at those after it; keeps what the model would have chosen itself. */
  const check = (guess: readonly number[]): Reading => {
    const before = sequence.tokens.length
    return {
      tokens: [completion.tokens.at(-1)!, ...guess],
      logits: 'all',
      take(logits) {
        let right = 0
        for (let row = 0; row <= guess.length && completion.finishReason === undefined; row++) {
          const token = take(logits.subarray(row * rowLength, (row + 1) * rowLength))
          if (token !== guess[row]) break
          right += 1
        }
        if (right < guess.length) sequence.truncate(before + 1 + right)
        guessed += guess.length
        accepted += right
        completion.reportGuess(guess.length, right)
      },
    }
  }

  return {
    sequence,
    queue,
    take,
    released: released.promise,
    get cancelled() {
      return cancelled
    },
    get finished() {
      return completion.finishReason !== undefined
    },
    get nextToken() {
      return completion.tokens.at(-1)!
    },
    plan(prefillChunk) {
      const read = sequence.tokens.length
      if (read < prompt.length) {
        const tokens = prompt.slice(read, read + prefillChunk)
        const last = read + tokens.length === prompt.length
        return { tokens, logits: 'last', take: last ? take : () => {} }
      }
      const guess = completion.guess(Math.min(model.contextLength - read - 1, remaining(config, completion.chosen)))
      return guess.length === 0 ? undefined : check(guess)
    },
    cancel() {
      cancelled = true
    },
    abandon: released.resolve,
    release() {
      try {
        if (given === undefined) sequence.dispose()
      } finally {
        released.resolve()
      }
    },
  }
}

/** Tokens that may still be chosen after the next one: guessing beyond them would be work for nothing. */
function remaining({ maxTokens }: DecodingConfig, chosen: number): number {
  return maxTokens === undefined ? Number.POSITIVE_INFINITY : Math.max(0, maxTokens - chosen - 1)
}

function checkRoom({ contextLength }: LanguageModel, prompt: readonly number[], { maxTokens }: DecodingConfig, room: number): void {
  const details = { promptTokens: prompt.length, contextLength }
  if (prompt.length > contextLength) {
    throw fail('decode/prompt-too-long', `the prompt has ${prompt.length} tokens and the model holds ${contextLength}; shorten it`, details)
  }
  if (maxTokens !== undefined && maxTokens > room) {
    throw fail(
      'decode/context-overflow',
      `${prompt.length} tokens of prompt and ${maxTokens} of completion do not fit the model's ${contextLength}; ask for at most ${room} or shorten the prompt`,
      { ...details, maxTokens, room },
    )
  }
}

/** How much of a sequence can be kept: what it shares with the prompt, but never all of it, for the last token's logits are needed. */
function sharedLength(tokens: readonly number[], prompt: readonly number[]): number {
  let length = 0
  while (length < prompt.length - 1 && tokens[length] === prompt[length]) length += 1
  return length
}
