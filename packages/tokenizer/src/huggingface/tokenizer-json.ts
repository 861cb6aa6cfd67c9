// A tokenizer from Hugging Face's tokenizer.json and the files beside it.
// The stages are read one file each; this puts them together, as the Rust library's `TokenizerImpl` and transformers do.
import { assembleTokenizer } from '../assemble.ts'
import type { Decoder } from '../decoders/decoder.ts'
import type { TokenizerFiles } from '../files.ts'
import { type LiteralToken, leftmostLongest } from '../text/token-matcher.ts'
import type { SpecialIds, Tokenizer } from '../tokenizer.ts'
import { readDecoder } from './decoder.ts'
import { type Frame, readFrame } from './frame.ts'
import { type LargeMembers, splitTokenizerJson } from './large-json.ts'
import { type ReadModel, readModel } from './model.ts'
import { type Normalize, readNormalizer } from './normalizer.ts'
import { type PreTokenizer, readPreTokenizer } from './pre-tokenizer.ts'
import { type Reader, readJson, readObject } from './reader.ts'
import { readSpecialTokens } from './special-tokens.ts'
import { type AddedToken, addToken, looksSpecial, readAddedToken, readAddedTokens, type Vocabulary } from './vocabulary.ts'

/** A tokenizer.json and its companions, read and checked: what both encoding and writing a GGUF vocabulary start from. */
export type HuggingFaceTokenizer = {
  /** Without `model.vocab` and `model.merges`, where those were read from bytes. */
  readonly json: Reader
  readonly tokenizerConfig: Reader | undefined
  /** Model tokens and added tokens together. */
  readonly vocabulary: Vocabulary
  readonly addedTokens: readonly AddedToken[]
  readonly special: { readonly ids: SpecialIds; readonly texts: ReadonlySet<string> }
  readonly model: ReadModel
  readonly normalize: Normalize
  readonly preTokenizer: PreTokenizer
  readonly frame: Frame
  readonly decoder: Decoder
}

export type WithTokenizerJson = TokenizerFiles & { readonly tokenizerJson: string | Uint8Array }

/** Of bytes the vocabulary and the merges are left to be read piece by piece; a text is small, or was made here. */
export function readTokenizerJson(source: string | Uint8Array): { readonly json: Reader; readonly large: LargeMembers } {
  const file = 'tokenizer.json'
  if (typeof source === 'string') return { json: readJson(source, file), large: {} }
  const { rest, large } = splitTokenizerJson(source, file)
  return { json: readObject(rest, file), large }
}

/** @throws FsError when a file is malformed, or asks for a stage that is not implemented. */
export function readHuggingFaceTokenizer(files: WithTokenizerJson): HuggingFaceTokenizer {
  const { json, large } = readTokenizerJson(files.tokenizerJson)
  const tokenizerConfig = files.tokenizerConfig === undefined ? undefined : readJson(files.tokenizerConfig, 'tokenizer_config.json')
  const specialTokensMap = files.specialTokensMap === undefined ? undefined : readJson(files.specialTokensMap, 'special_tokens_map.json')
  const model = readModel(json.field('model'), large)
  const vocabulary: Vocabulary = { tokens: model.vocabulary.tokens.slice(), tokenIds: new Map(model.vocabulary.tokenIds) }

  const rows = [...readAddedTokens(json.optional('added_tokens')), ...configuredTokens(tokenizerConfig)]
  for (const row of rows) addToken(vocabulary, row.content, row.id, 'tokenizer.json: added_tokens')
  const special = readSpecialTokens(vocabulary, {
    ...(tokenizerConfig !== undefined && { tokenizerConfig }),
    ...(specialTokensMap !== undefined && { specialTokensMap }),
    ...(files.config !== undefined && { config: files.config }),
  })
  const frame = readFrame(json.optional('post_processor'), vocabulary)
  const addedTokens = mergedAddedTokens(rows, special.texts, vocabulary)
  const normalize = readNormalizer(json.optional('normalizer'))
  // A token that is looked for in normalized text also reads so: with a space before it, where one is put (tokenizers 0.23).
  const read = vocabulary.tokens.slice()
  for (const { id, content, normalized } of addedTokens) if (normalized) read[id] = normalize(content)
  return {
    json,
    tokenizerConfig,
    vocabulary,
    addedTokens,
    special,
    model,
    normalize,
    preTokenizer: readPreTokenizer(json.optional('pre_tokenizer')),
    frame: configuredFrame(frame, special.ids, tokenizerConfig),
    decoder: readDecoder(json.optional('decoder'), read),
  }
}

/** `added_tokens_decoder` of tokenizer_config.json: the same rows, keyed by id. */
function configuredTokens(tokenizerConfig: Reader | undefined): readonly AddedToken[] {
  const table = tokenizerConfig?.optional('added_tokens_decoder')
  if (table === undefined) return []
  return Object.keys(table.object()).map((key) => {
    const id = Number(key)
    if (!/^\d{1,7}$/.test(key)) throw table.malformed('an object whose keys are ids')
    return readAddedToken(table.field(key), id)
  })
}

/** One row per token, the first file's; tokens that only have a role, or are only listed as special, are added tokens too (transformers). */
function mergedAddedTokens(rows: readonly AddedToken[], specialTexts: ReadonlySet<string>, vocabulary: Vocabulary): readonly AddedToken[] {
  const byId = new Map<number, AddedToken>()
  for (const row of rows) if (!byId.has(row.id)) byId.set(row.id, row)
  for (const content of specialTexts) {
    const id = vocabulary.tokenIds.get(content)!
    const before = byId.get(id)
    const added = { id, content, singleWord: false, leftStrip: false, rightStrip: false, normalized: false }
    byId.set(id, { ...(before ?? added), special: true })
  }
  return [...byId.values()].sort((a, b) => a.id - b.id)
}

/** `add_bos_token` and `add_eos_token` of tokenizer_config.json have the last word, as in transformers and llama.cpp. */
function configuredFrame(frame: Frame, ids: SpecialIds, tokenizerConfig: Reader | undefined): Frame {
  const wanted = (name: string) => {
    const field = tokenizerConfig?.optional(name)
    return typeof field?.value === 'boolean' ? field.value : undefined
  }
  let { before, after } = frame
  const [addBos, addEos] = [wanted('add_bos_token'), wanted('add_eos_token')]
  if (ids.bos !== undefined && addBos !== undefined && (before[0] === ids.bos) !== addBos)
    before = addBos ? [ids.bos, ...before] : before.slice(1)
  if (ids.eos !== undefined && addEos !== undefined && (after.at(-1) === ids.eos) !== addEos)
    after = addEos ? [...after, ids.eos] : after.slice(0, -1)
  return { before, after }
}

/**
 * A tokenizer whose ids equal those of Hugging Face's library for the same files.
 * @throws FsError when a file is malformed, or asks for a stage that is not implemented.
 */
export function tokenizerFromJson(files: WithTokenizerJson): Tokenizer {
  return buildTokenizer(readHuggingFaceTokenizer(files))
}

export function buildTokenizer(source: HuggingFaceTokenizer): Tokenizer {
  const { vocabulary, addedTokens, normalize, preTokenizer } = source
  const isControl = (token: AddedToken) => token.special || looksSpecial(token.content)
  const model = source.model.build(preTokenizer, new Set(addedTokens.filter(isControl).map((token) => token.id)))
  const literal = (token: AddedToken, text: string): LiteralToken => ({ ...token, text, control: isControl(token) })
  const raw = addedTokens.filter((token) => !token.normalized).map((token) => literal(token, token.content))
  const normalized = addedTokens.filter((token) => token.normalized).map((token) => literal(token, normalize(token.content)))
  const normalizedMatcher = leftmostLongest(normalized)

  const encodeWords = (text: string, offset: number, output: number[]) => {
    for (const word of preTokenizer.words(text, offset)) model.encode(word, output)
  }
  return assembleTokenizer({
    tokens: vocabulary.tokens,
    tokenIds: vocabulary.tokenIds,
    special: source.special.ids,
    controlIds: new Set(addedTokens.filter((token) => token.special).map((token) => token.id)),
    frame: source.frame,
    literals: leftmostLongest(raw),
    separateSegments: normalized.some((token) => token.control),
    encodeSection(text, offset, mayBeControl, output) {
      const clean = normalize(text)
      let from = 0
      // Where normalized control tokens exist, a section never spans segments, so one answer holds for all of it.
      for (const match of normalizedMatcher.find(clean, () => mayBeControl(0, text.length))) {
        if (match.start > from) encodeWords(clean.slice(from, match.start), offset + from, output)
        output.push(match.id)
        from = match.end
      }
      if (from < clean.length) encodeWords(clean.slice(from), offset + from, output)
    },
    decoder: source.decoder,
  })
}
