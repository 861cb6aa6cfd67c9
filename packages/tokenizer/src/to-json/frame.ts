// The `post_processor` of a tokenizer.json: which tokens stand around a text, and around two.
import type { JsonObject } from '@fs/core'
import type { Tokenizer } from '../tokenizer.ts'

/** Ids and texts of the tokens before and after a text. */
export type FrameTokens = {
  readonly before: readonly FrameToken[]
  readonly after: readonly FrameToken[]
  /** What parts two texts: a frame for each, or the tokens after the first alone and perhaps one more (BERT's and RoBERTa's ways). */
  readonly second: 'framed' | { readonly after: readonly FrameToken[] }
}

export type FrameToken = { readonly id: number; readonly text: string }

/** What a tokenizer puts around an empty text is what it puts around any. */
export function surroundingTokens(tokenizer: Tokenizer, textOf: (id: number) => string): Pick<FrameTokens, 'before' | 'after'> {
  const tokens = tokenizer.encode('', { addSpecialTokens: true }).map((id) => ({ id, text: textOf(id) }))
  return tokenizer.addBos ? { before: tokens.slice(0, 1), after: tokens.slice(1) } : { before: [], after: tokens }
}

/** @returns the template, or null when nothing stands around a text */
export function templateProcessing({ before, after, second }: FrameTokens): JsonObject | null {
  const tokens = [...before, ...after]
  if (tokens.length === 0) return null
  const special = (list: readonly FrameToken[], type: number) => list.map(({ text }) => ({ SpecialToken: { id: text, type_id: type } }))
  const text = (id: 'A' | 'B', type: number) => ({ Sequence: { id, type_id: type } })
  const single = [...special(before, 0), text('A', 0), ...special(after, 0)]
  const between = second === 'framed' ? special(before, 1) : special(second.after, 0)
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...single, ...between, text('B', 1), ...special(after, 1)],
    special_tokens: Object.fromEntries(tokens.map((token) => [token.text, { id: token.text, ids: [token.id], tokens: [token.text] }])),
  }
}
