// The files a tokenizer is published as, made from parts: tokenizer.json, tokenizer_config.json, and tokenizer.model where there are scores.
import type { Json, JsonObject } from '@fs/core'
import { SPECIAL_ROLES, type SpecialIds } from '../tokenizer.ts'
import { type FrameTokens, templateProcessing } from './frame.ts'
import type { Stages } from './pieces.ts'
import type { AddedTokenJson } from './rows.ts'

/** Tokenizer files by the roles of `TokenizerFiles`, and sentences about what they could not say. */
export type WrittenTokenizer = {
  readonly tokenizerJson: string
  readonly tokenizerConfig: string
  readonly tokenizerModel?: Uint8Array
  /** Ids of the tokens with a role, those that end a turn or a message among them, which the files have no name for. */
  readonly special: SpecialIds
  readonly notes: readonly string[]
}

export type TokenizerJsonParts = {
  readonly stages: Stages
  readonly added: readonly AddedTokenJson[]
  readonly frame: FrameTokens
  readonly byteLevel: boolean
}

/** The text of a tokenizer.json, keys in the order transformers writes them. */
export function tokenizerJson({ stages, added, frame, byteLevel }: TokenizerJsonParts): string {
  const template = templateProcessing(frame)
  // Trims blanks off the places of tokens in the text; it changes no ids.
  const offsets: JsonObject = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true }
  const processors: Json = byteLevel ? (template === null ? offsets : { type: 'Sequence', processors: [offsets, template] }) : template
  return JSON.stringify(
    {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: stages.normalizer,
      pre_tokenizer: stages.preTokenizer,
      post_processor: processors,
      decoder: stages.decoder,
      model: stages.model,
    },
    null,
    2,
  )
}

/** Roles transformers has names for; the others end a turn, which generation_config.json says. */
const NAMED_ROLES = SPECIAL_ROLES.filter((role) => role !== 'eot' && role !== 'eom')

/** @param settings further keys, such as `add_bos_token` */
export function tokenizerConfig(
  special: SpecialIds,
  textOf: (id: number) => string,
  added: readonly AddedTokenJson[],
  settings: JsonObject,
): string {
  const roles = NAMED_ROLES.flatMap((role) => (special[role] === undefined ? [] : [[`${role}_token`, textOf(special[role])] as const]))
  const rows = added.map(({ id, ...flags }) => [String(id), flags] as const)
  const json = {
    ...settings,
    ...(rows.length === 0 ? {} : { added_tokens_decoder: Object.fromEntries(rows) }),
    ...Object.fromEntries(roles),
    clean_up_tokenization_spaces: false,
    // The class that takes tokenizer.json as it is, in transformers 4 and 5.
    tokenizer_class: 'PreTrainedTokenizerFast',
  }
  return `${JSON.stringify(json, null, 2)}\n`
}
