// The tokens of a vocabulary as tokenizer.json keeps them: a model vocabulary with an id for each text, and added tokens that are cut out
// of a text before anything else. Where the rows come from is the business of the files beside this one.
import type { JsonObject } from '@fs/core'
import { quote } from '../huggingface/vocabulary.ts'

export type TokenRow = {
  /** As the model's vocabulary spells it; for an added token, as it reads. */
  readonly text: string
  /** Ordinary text becomes `ordinary` tokens; `control` and `user` tokens are cut out as they stand; `padding` fills rows no token has. */
  readonly kind: 'ordinary' | 'control' | 'user' | 'padding'
  /** An added token that is looked for in the normalized text. */
  readonly normalized?: true
}

export type VocabularyJson = {
  /** Ids by text. */
  readonly vocabulary: { readonly [token: string]: number }
  readonly added: readonly AddedTokenJson[]
  readonly notes: readonly string[]
}

export type AddedTokenJson = JsonObject & { readonly id: number; readonly content: string; readonly special: boolean }

export function addedToken(id: number, content: string, special: boolean, normalized = false): AddedTokenJson {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized, special }
}

/**
 * The Rust library gives an added token that the model does not have the next free id, whatever the file says. So only the last tokens may be
 * missing in the model's vocabulary, and every id before them is in it: padding between tokens too.
 */
export function vocabularyJson(rows: readonly TokenRow[]): VocabularyJson {
  const count = rows.findLastIndex(({ kind }) => kind !== 'padding') + 1
  const modelCount = rows.findLastIndex(({ kind }, id) => id < count && (kind === 'ordinary' || kind === 'padding')) + 1
  const vocabulary = new Map<string, number>()
  const added = new Map<string, AddedTokenJson>()
  const notes: string[] = []
  for (let id = 0; id < count; id++) {
    const { text, kind, normalized } = rows[id]!
    const isAdded = kind === 'control' || kind === 'user'
    const before = vocabulary.get(text) ?? added.get(text)?.id
    // Of equal texts llama.cpp takes the last; the other ids need a text of their own to keep their place.
    if (before !== undefined && before !== id) {
      notes.push(`Ids ${before} and ${id} are both ${quote(text)}; tokenizer.json can have one of them, so ${before} has no text.`)
      if (before < modelCount) vocabulary.set(`[PAD${before}]`, before)
    }
    if (id < modelCount) vocabulary.set(text, id)
    if (isAdded) added.set(text, addedToken(id, text, kind === 'control', normalized === true))
    else added.delete(text)
  }
  return { vocabulary: Object.fromEntries(vocabulary), added: [...added.values()], notes }
}
