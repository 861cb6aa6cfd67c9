// The options that say how text is chosen, the same for `run` and `chat`, laid over the model's own settings.
import { type DecodingConfig, type Prompt, promptTokens, type Strategy } from '@fs/decode'
import { type Command, InvalidArgumentError } from 'commander'
import { collect, wholeNumber } from '../options.ts'
import type { TextModel } from './text-model.ts'

export type DecodingOptions = {
  readonly maxTokens?: number
  readonly greedy?: true
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly minP?: number
  readonly repeatPenalty?: number
  readonly seed?: number
  readonly stop?: readonly string[]
}

/** @param mostTokens the command's own, told in its help */
export function addDecodingOptions(command: Command, mostTokens: number): Command {
  return command
    .option('--max-tokens <n>', `most tokens written (default: ${mostTokens})`, wholeNumber)
    .option('--greedy', 'always the likeliest token')
    .option('--temperature <t>', 'above 1 is wilder, 0 is greedy', decimal)
    .option('--top-p <p>', 'keep the likeliest tokens that hold this much probability', shareAboveZero)
    .option('--top-k <k>', 'keep the k likeliest tokens', wholeOrZero)
    .option('--min-p <p>', 'keep tokens at least this share as likely as the likeliest', share)
    .option('--repeat-penalty <x>', 'above 1 makes repeated tokens less likely', aboveZero)
    .option('--seed <n>', 'the same seed writes the same text', wholeOrZero)
    .option('--stop <string>', 'end before this text (repeatable)', collect)
}

/** @param settings the model's own */
export function decodingConfig(options: DecodingOptions, settings: DecodingConfig): DecodingConfig {
  const { strategy: _, ...rest } = settings
  const shared = {
    ...withoutSampling(rest),
    ...(options.maxTokens === undefined ? {} : { maxTokens: options.maxTokens }),
    ...(options.repeatPenalty === undefined ? {} : { repetitionPenalty: options.repeatPenalty }),
    ...(options.stop === undefined ? {} : { stopStrings: options.stop }),
  }
  return { ...shared, ...strategyOf(options, settings) }
}

/** Where the user did not say how many tokens, no more than fit behind the longest prompt: the model's own settings know nothing of it. */
export function withinContext(
  config: DecodingConfig,
  options: DecodingOptions,
  prompts: readonly Prompt[],
  { language, tokenizer }: TextModel,
): DecodingConfig {
  if (options.maxTokens !== undefined || config.maxTokens === undefined) return config
  const longest = Math.max(...prompts.map((prompt) => promptTokens(prompt, tokenizer, language).length))
  // The last token chosen is never read again. A prompt that leaves no room is refused when it is read.
  const room = Math.max(1, language.contextLength - longest + 1)
  return { ...config, maxTokens: Math.min(config.maxTokens, room) }
}

const SAMPLING_KEYS = ['temperature', 'topK', 'topP', 'minP', 'seed'] as const

function withoutSampling(settings: object): object {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !SAMPLING_KEYS.some((name) => name === key)))
}

function strategyOf(options: DecodingOptions, settings: DecodingConfig): Strategy {
  const asked = options.temperature ?? options.topP ?? options.topK ?? options.minP ?? options.seed
  if (options.greedy || (asked === undefined && settings.strategy === 'greedy')) return { strategy: 'greedy' }
  const own: { readonly temperature?: number; readonly topK?: number; readonly minP?: number; readonly seed?: number } =
    settings.strategy === 'greedy' ? {} : settings
  const sampling = {
    temperature: options.temperature ?? own.temperature ?? 1,
    topK: options.topK ?? own.topK ?? 0,
    minP: options.minP ?? own.minP ?? 0,
    seed: options.seed ?? own.seed ?? Math.floor(Math.random() * 2 ** 32),
  }
  const topP = options.topP ?? (settings.strategy === 'top-p' ? settings.topP : undefined)
  return topP === undefined ? { strategy: 'sample', ...sampling } : { strategy: 'top-p', topP, ...sampling }
}

function decimal(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('It takes a number of at least 0.')
  return value
}

function share(text: string): number {
  if (!(decimal(text) <= 1)) throw new InvalidArgumentError('It takes a number from 0 to 1.')
  return Number(text)
}

function shareAboveZero(text: string): number {
  if (!(decimal(text) > 0 && Number(text) <= 1)) throw new InvalidArgumentError('It takes a number above 0 and up to 1.')
  return Number(text)
}

function aboveZero(text: string): number {
  if (!(decimal(text) > 0)) throw new InvalidArgumentError('It takes a number above 0.')
  return Number(text)
}

function wholeOrZero(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It takes a whole number of at least 0.')
  return value
}
