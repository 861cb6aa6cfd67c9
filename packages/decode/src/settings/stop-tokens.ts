// Which tokens end an answer. No single place knows all: configurations forget the end of a turn, vocabularies name it by many names,
// and a template only shows it. So all are asked, and what any of them names ends the answer.
import type { Json, JsonObject } from '@fs/core'
import type { TextCodec } from '../codec.ts'

/**
 * Control tokens that end a text, a turn or a message that awaits a tool, by the names models give them (llama-vocab.cpp,
 * special_eog_ids, llama.cpp v0.5.0).
 */
export const END_TOKEN_NAMES = [
  '<|eot_id|>',
  '<|im_end|>',
  '<|end|>',
  '<|return|>',
  '<|call|>',
  '<|flush|>',
  '<|calls|>',
  '<end_of_turn>',
  '<|endoftext|>',
  '</s>',
  '<|eom_id|>',
  '<EOT>',
  '_<EOT>',
  '[EOT]',
  '[EOS]',
  '<|end_of_text|>',
  '<end_of_utterance>',
  '<eos>',
  '<turn|>',
  '<|tool_response>',
  '<｜end▁of▁sentence｜>',
  '[e~[',
] as const

export type StopTokenSources = {
  /** generation_config.json and config.json, for `eos_token_id`. */
  readonly configs?: readonly (JsonObject | undefined)[]
  /** Ids the tokenizer gives a role: `eos`, `eot`, `eom`. */
  readonly special?: { readonly eos?: number; readonly eot?: number; readonly eom?: number }
  /** What the chat template writes after an answer (`answerEnd` of `@fs/chat-format`): if it begins with a control token, that is one. */
  readonly answerEnd?: string | undefined
}

type NamedCodec = TextCodec & { tokenToId(token: string): number | undefined }

/** Ids in ascending order. A name counts only where the vocabulary has it as a control token. */
export function stopTokens(codec: NamedCodec, { configs = [], special = {}, answerEnd }: StopTokenSources): number[] {
  const found = new Set<number>()
  const add = (id: Json | undefined) => {
    if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 && id < codec.vocabularySize) found.add(id)
  }
  for (const config of configs) {
    const ids = config?.eos_token_id
    if (Array.isArray(ids)) ids.forEach(add)
    else add(ids)
  }
  for (const id of [special.eos, special.eot, special.eom]) add(id)
  for (const name of END_TOKEN_NAMES) {
    const id = codec.tokenToId(name)
    if (id !== undefined && codec.isSpecial(id)) found.add(id)
  }
  const [first] = answerEnd === undefined ? [] : codec.encodeSegments([{ type: 'special', text: answerEnd }])
  if (first !== undefined && codec.isSpecial(first)) found.add(first)
  keepHarmonyMessages(codec, found)
  return [...found].sort((left, right) => left - right)
}

/** gpt-oss ends an answer with `<|return|>` or `<|call|>`; its `<|end|>` only ends one of the messages an answer is made of. */
function keepHarmonyMessages(codec: NamedCodec, found: Set<number>): void {
  const id = (name: string) => codec.tokenToId(name) ?? -1
  const pairs = [
    ['<|return|>', '<|call|>'],
    ['<|calls|>', '<|flush|>'],
  ] as const
  if (pairs.some(([left, right]) => found.has(id(left)) && found.has(id(right)))) found.delete(id('<|end|>'))
}
