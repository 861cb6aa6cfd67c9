// The settings of one completion, and what they may be. How they act is in `choose/`, `text/` and `sequence/`.
import type { Constraint } from './constrain/constraint.ts'
import { fail } from './errors.ts'

/** How the next token is chosen. */
export type Strategy =
  /** The likeliest token; of equals the one with the lowest id. */
  | { readonly strategy: 'greedy' }
  /** A token drawn from the distribution. */
  | ({ readonly strategy: 'sample' } & Sampling)
  /** A token drawn from the smallest set of likeliest tokens that holds `topP` of the probability. */
  | ({ readonly strategy: 'top-p'; readonly topP?: number } & Sampling)

type Sampling = {
  /** Logits are divided by it before anything is cut off. 0 is greedy. Default 1. */
  readonly temperature?: number
  /** Keep the k likeliest. 0 keeps all. */
  readonly topK?: number
  /** Keep tokens at least this share as likely as the likeliest. 0 keeps all. */
  readonly minP?: number
  /** The same seed gives the same text. A safe integer from 0; default 0. */
  readonly seed?: number
}

export type DecodingConfig = Strategy & {
  /** Most tokens written. Asking for more than fits is an error; without asking, it is 100 or what fits. */
  readonly maxTokens?: number
  /** Tokens that end the completion; they are not part of its text. */
  readonly stopTokens?: readonly number[]
  /** Texts that end the completion before themselves, wherever token borders are. No part of one is ever given out. */
  readonly stopStrings?: readonly string[]
  /**
   * Above 1 makes every token of prompt and completion less likely (Keskar and others, 2019): a positive logit is divided, a negative
   * one multiplied.
   */
  readonly repetitionPenalty?: number
  /** Subtracted once from the logit of every token the completion has. */
  readonly presencePenalty?: number
  /** Subtracted from a token's logit for each time the completion has it. */
  readonly frequencyPenalty?: number
  /** How many of the last tokens the penalties look at. All when absent. */
  readonly penaltyWindow?: number
  /** Added to logits, by token id; -Infinity forbids the token. */
  readonly logitBias?: ReadonlyMap<number, number>
  /** What the completion has to match (`@fs/decode/constrain`). */
  readonly constraint?: Constraint
  /** Guess the next tokens from the text so far and check several at once. Changes speed, never the outcome. */
  readonly lookup?: LookupConfig
  /** Report each token's log probability, and those of this many likeliest tokens. */
  readonly topLogprobs?: number
}

export type LookupConfig = {
  /** Most tokens guessed at once. Default 8. */
  readonly maxDraft?: number
  /** Tokens that have to match before a guess is made. Default 2. */
  readonly minMatch?: number
}

export const GREEDY = { strategy: 'greedy' } as const satisfies DecodingConfig

export const DEFAULT_MAX_TOKENS = 100
/** Fartsovka's default for its top-p strategy. */
export const DEFAULT_TOP_P = 0.9

type Range = { readonly min: number; readonly max: number; readonly integer?: true; readonly minExcluded?: true }

const RANGES = {
  maxTokens: { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true },
  temperature: { min: 0, max: Number.MAX_VALUE },
  topP: { min: 0, max: 1, minExcluded: true },
  topK: { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true },
  minP: { min: 0, max: 1 },
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true },
  repetitionPenalty: { min: 0, max: Number.MAX_VALUE, minExcluded: true },
  presencePenalty: { min: -Number.MAX_VALUE, max: Number.MAX_VALUE },
  frequencyPenalty: { min: -Number.MAX_VALUE, max: Number.MAX_VALUE },
  penaltyWindow: { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true },
  topLogprobs: { min: 0, max: 1000, integer: true },
} as const satisfies { readonly [name: string]: Range }

/**
 * @param vocabularySize rows of the model's logits
 * @throws FsError `decode/bad-config` that names the setting and what it may be
 */
export function checkConfig(config: DecodingConfig, vocabularySize: number): void {
  const given = config as { readonly [name: string]: unknown }
  for (const [name, range] of Object.entries<Range>(RANGES)) {
    const value = given[name]
    if (value !== undefined) checkNumber(name, value, range)
  }
  for (const id of config.stopTokens ?? []) checkNumber('stopTokens', id, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true })
  for (const text of config.stopStrings ?? []) {
    if (typeof text !== 'string' || text === '') throw bad('stopStrings', text, 'a text that is not empty')
  }
  for (const [id, bias] of config.logitBias ?? []) {
    checkNumber('logitBias', id, { min: 0, max: vocabularySize - 1, integer: true })
    if (typeof bias !== 'number' || Number.isNaN(bias) || bias === Number.POSITIVE_INFINITY)
      throw bad('logitBias', bias, 'a number or -Infinity')
  }
  for (const [name, value] of Object.entries(config.lookup ?? {}))
    checkNumber(`lookup.${name}`, value, { min: 1, max: 1024, integer: true })
}

function checkNumber(name: string, value: unknown, { min, max, integer, minExcluded }: Range): void {
  const fits =
    typeof value === 'number' &&
    value >= min &&
    value <= max &&
    (!integer || Number.isSafeInteger(value)) &&
    !(minExcluded && value === min)
  if (fits) return
  const bounds = max >= Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
  throw bad(
    name,
    value,
    `${integer ? 'an integer' : 'a number'} ${min === -Number.MAX_VALUE ? '' : bounds}${minExcluded ? ` (not ${min})` : ''}`.trim(),
  )
}

const bad = (name: string, value: unknown, wanted: string) =>
  fail('decode/bad-config', `${name} is ${String(value)}; it has to be ${wanted}`, { name, value: String(value) })
