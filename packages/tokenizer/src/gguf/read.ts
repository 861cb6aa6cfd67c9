// The vocabulary in a GGUF file's metadata (`tokenizer.ggml.*`), checked and typed.
// It says what the file holds; how each kind encodes is in the files beside it.
import type { MetadataValue } from '@fs/core'
import { fail } from '../errors.ts'
import { LONGEST_TOKEN, MOST_MERGES, MOST_TOKENS } from '../limits.ts'
import type { SpecialRole } from '../tokenizer.ts'

export type Metadata = ReadonlyMap<string, MetadataValue>

/** `enum llama_token_type` (include/llama.h): SentencePiece's piece types, and 0 for none. */
export const TOKEN_TYPES = { UNDEFINED: 0, NORMAL: 1, UNKNOWN: 2, CONTROL: 3, USER_DEFINED: 4, UNUSED: 5, BYTE: 6 } as const

export type GgufVocabulary = {
  readonly model: string
  readonly pre: string | undefined
  readonly tokens: readonly string[]
  /** Zero where the file has none. */
  readonly scores: Float64Array
  /** Values of {@link TOKEN_TYPES}; NORMAL where the file has none. */
  readonly types: Uint8Array
  /** Absent when the file has none; a vocabulary of single characters has an empty list. */
  readonly merges: readonly string[] | undefined
  /** Ids of the roles the file names. */
  readonly ids: { readonly [Role in SpecialRole]?: number }
  readonly addBos: boolean | undefined
  readonly addEos: boolean | undefined
  readonly addSep: boolean | undefined
  readonly addSpacePrefix: boolean | undefined
  readonly removeExtraWhitespaces: boolean | undefined
  readonly precompiledCharsmap: Uint8Array
  readonly lowercase: boolean | undefined
  readonly stripAccents: boolean | undefined
}

/** Key of each role's id. `seperator` is the format's own spelling. */
export const ROLE_KEYS = {
  bos: 'tokenizer.ggml.bos_token_id',
  eos: 'tokenizer.ggml.eos_token_id',
  unk: 'tokenizer.ggml.unknown_token_id',
  sep: 'tokenizer.ggml.seperator_token_id',
  pad: 'tokenizer.ggml.padding_token_id',
  cls: 'tokenizer.ggml.cls_token_id',
  mask: 'tokenizer.ggml.mask_token_id',
  eot: 'tokenizer.ggml.eot_token_id',
  eom: 'tokenizer.ggml.eom_token_id',
} as const satisfies { readonly [Role in SpecialRole]: string }

/**
 * @param file the file's name, for messages.
 * @throws FsError when a value has the wrong type, a length does not match, or a token repeats.
 */
export function readGgufVocabulary(metadata: Metadata, file: string): GgufVocabulary {
  const wrong = (key: string, expected: string) =>
    fail('tokenizer/malformed', `${file}: ${key} is missing or not ${expected}`, { file, key })
  const text = (key: string): string | undefined => {
    const value = metadata.get(key)
    if (value === undefined) return undefined
    if (value.type !== 'STRING') throw wrong(key, 'a string')
    return value.value
  }
  const flag = (key: string): boolean | undefined => {
    const value = metadata.get(key)
    if (value === undefined) return undefined
    if (value.type !== 'BOOL') throw wrong(key, 'true or false')
    return value.value
  }
  const texts = (key: string): readonly string[] | undefined => {
    const value = metadata.get(key)
    if (value === undefined) return undefined
    if (value.type !== 'ARRAY' || value.of !== 'STRING') throw wrong(key, 'an array of strings')
    return value.value
  }
  const numbers = (key: string, ...types: readonly string[]): ArrayLike<number> | undefined => {
    const value = metadata.get(key)
    if (value === undefined) return undefined
    if (value.type !== 'ARRAY' || !types.includes(value.of)) throw wrong(key, `an array of ${types.join(' or ')}`)
    return value.value as ArrayLike<number>
  }

  const model = text('tokenizer.ggml.model')
  const tokens = texts('tokenizer.ggml.tokens')
  if (model === undefined) throw wrong('tokenizer.ggml.model', 'a string')
  if (tokens === undefined || tokens.length > MOST_TOKENS)
    throw wrong('tokenizer.ggml.tokens', `an array of at most ${MOST_TOKENS} strings`)
  const endless = tokens.findIndex((token) => token.length > LONGEST_TOKEN)
  if (endless >= 0) throw wrong('tokenizer.ggml.tokens', `tokens of at most ${LONGEST_TOKEN} characters (token ${endless})`)
  const perToken = (key: string, values: ArrayLike<number> | undefined): ArrayLike<number> | undefined => {
    if (values !== undefined && values.length < tokens.length) throw wrong(key, `as long as the ${tokens.length} tokens`)
    return values
  }
  const scores = perToken('tokenizer.ggml.scores', numbers('tokenizer.ggml.scores', 'FLOAT32', 'INT32'))
  const types = perToken('tokenizer.ggml.token_type', numbers('tokenizer.ggml.token_type', 'INT32', 'UINT32'))
  const merges = texts('tokenizer.ggml.merges')
  if (merges !== undefined && merges.length > MOST_MERGES)
    throw wrong('tokenizer.ggml.merges', `an array of at most ${MOST_MERGES} strings`)

  const ids: { [Role in SpecialRole]?: number } = {}
  for (const [role, key] of Object.entries(ROLE_KEYS)) {
    const value = metadata.get(key)
    if (value === undefined) continue
    if (value.type !== 'UINT32' && value.type !== 'INT32') throw wrong(key, 'a 32-bit integer')
    // Ids outside the vocabulary are taken for absent, as llama.cpp does: writers put -1 or 2^32 - 1 for "none".
    if (value.value >= 0 && value.value < tokens.length) ids[role as SpecialRole] = value.value
  }
  const finite = Float64Array.from({ length: tokens.length }, (_, id) => scores?.[id] ?? 0)
  if (finite.some((score) => Number.isNaN(score))) throw wrong('tokenizer.ggml.scores', 'all numbers')
  return {
    model,
    pre: text('tokenizer.ggml.pre'),
    // An empty token would be found everywhere; llama.cpp gives it this name.
    tokens: tokens.map((token, id) => (token.length === 0 ? `[EMPTY_${id}]` : token)),
    scores: finite,
    types: Uint8Array.from({ length: tokens.length }, (_, id) => types?.[id] ?? TOKEN_TYPES.NORMAL),
    merges,
    ids,
    addBos: flag('tokenizer.ggml.add_bos_token'),
    addEos: flag('tokenizer.ggml.add_eos_token'),
    addSep: flag('tokenizer.ggml.add_sep_token'),
    addSpacePrefix: flag('tokenizer.ggml.add_space_prefix'),
    removeExtraWhitespaces: flag('tokenizer.ggml.remove_extra_whitespaces'),
    precompiledCharsmap: Uint8Array.from(Array.from(numbers('tokenizer.ggml.precompiled_charsmap', 'UINT8', 'INT8') ?? [])),
    lowercase: flag('tokenizer.ggml.normalizer.lowercase'),
    stripAccents: flag('tokenizer.ggml.normalizer.strip_accents'),
  }
}
