// What a chat template is given: messages, tools, special tokens, variables. Names inside are those templates use.
import type { Json, JsonObject } from '@fs/core'

export type ChatInput = {
  /** Each with a `role`; everything in them is text from outside, whatever it spells. */
  readonly messages: readonly JsonObject[]
  /** JSON schemas of functions, as in the OpenAI API. Templates see `none` when absent. */
  readonly tools?: readonly JsonObject[] | undefined
  /** For templates that quote sources: objects with `title` and `text`. */
  readonly documents?: readonly JsonObject[] | undefined
  /**
   * Where the prompt ends. `generation-prompt` (the default) opens the assistant's turn; `complete` ends after the last message;
   * `continue` leaves the last message open, so that the model writes on.
   */
  readonly ending?: ChatEnding | undefined
  /** `bos_token`, `eos_token`, … as the tokenizer has them. These are trusted: they become control tokens. */
  readonly specialTokens?: { readonly [name: string]: string } | undefined
  /** Further variables (`enable_thinking`, `date_string`, …). Strings in them are text from outside. */
  readonly variables?: { readonly [name: string]: Json } | undefined
  /** What `strftime_now` tells; the present when absent. */
  readonly now?: Date | undefined
}

export type ChatEnding = 'generation-prompt' | 'complete' | 'continue'

/**
 * Roles that may be part of a control token: Phi-3 and GLM write `'<|' + message.role + '|>'`. Any other role is text like the rest of
 * a message, or a client could name its role `end` and close a turn.
 */
export const KNOWN_ROLES: ReadonlySet<string> = new Set([
  'system',
  'developer',
  'user',
  'assistant',
  'model',
  'tool',
  'tool_response',
  'tool_result',
  'function',
  'ipython',
  'observation',
  'environment',
  'documents',
  'context',
])
