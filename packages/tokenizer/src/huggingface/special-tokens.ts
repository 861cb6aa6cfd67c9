// Which tokens have a role (bos, eos, pad …), from the four places Hugging Face keeps that.
// Chat templates are in the same files and are read by `@fs/chat-format`.
import type { JsonObject } from '@fs/core'
import { SPECIAL_ROLES, type SpecialIds, type SpecialRole } from '../tokenizer.ts'
import type { Reader } from './reader.ts'
import type { Vocabulary } from './vocabulary.ts'

export type SpecialTokens = {
  readonly ids: SpecialIds
  /** Every token these files call special, roles or not. */
  readonly texts: ReadonlySet<string>
}

/** A token is named by its text, or by an object that has it as `content`. */
function tokenText(reader: Reader | undefined): string | undefined {
  if (reader === undefined) return undefined
  if (typeof reader.value === 'string') return reader.value
  return typeof reader.value === 'object' ? reader.optional('content')?.string() : undefined
}

/**
 * Text in tokenizer_config.json, else in special_tokens_map.json, else the id in config.json.
 * A text the vocabulary does not have names no token, as in files edited by hand.
 */
export function readSpecialTokens(
  vocabulary: Vocabulary,
  files: { readonly tokenizerConfig?: Reader; readonly specialTokensMap?: Reader; readonly config?: JsonObject },
): SpecialTokens {
  const ids: { -readonly [Role in SpecialRole]?: number } = {}
  const texts = new Set<string>()
  for (const role of SPECIAL_ROLES) {
    for (const file of [files.tokenizerConfig, files.specialTokensMap]) {
      const text = tokenText(file?.optional(`${role}_token`))
      const id = text === undefined ? undefined : vocabulary.tokenIds.get(text)
      if (text === undefined || id === undefined) continue
      texts.add(text)
      ids[role] ??= id
    }
    const id = files.config?.[`${role}_token_id`]
    if (typeof id === 'number' && vocabulary.tokens[id] !== undefined) ids[role] ??= id
  }
  for (const file of [files.tokenizerConfig, files.specialTokensMap]) {
    const listed = file?.optional('additional_special_tokens')
    if (listed === undefined || !Array.isArray(listed.value)) continue
    for (const item of listed.list(65536)) {
      const text = tokenText(item)
      if (text !== undefined && vocabulary.tokenIds.has(text)) texts.add(text)
    }
  }
  return { ids, texts }
}
