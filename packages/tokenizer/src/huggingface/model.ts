// The `model` of a tokenizer.json: BPE, Unigram, WordPiece or WordLevel, made into a subword model.
// Normalizing and cutting into words come before it and are read elsewhere.
import type { Json } from '@fs/core'
import { fail } from '../errors.ts'
import { MOST_MERGES } from '../limits.ts'
import { byteTokenIds, createBytePairModel } from '../subword/byte-pair.ts'
import { chunked } from '../subword/chunked.ts'
import { cached, type SubwordModel } from '../subword/model.ts'
import { createPairTable, type PairTable } from '../subword/pair-table.ts'
import { createUnigramModel } from '../subword/unigram.ts'
import { createWordPieceModel } from '../subword/word-piece.ts'
import { type LargeJson, type LargeMembers, wholeJson } from './large-json.ts'
import type { Reader } from './reader.ts'
import { quote, readVocabularyList, readVocabularyObject, type Vocabulary } from './vocabulary.ts'

/** As numbers: 280,147 pairs of texts took 36 MB. */
export type MergeIds = { readonly lefts: Int32Array; readonly rights: Int32Array; readonly results: Int32Array }

export type ReadModel = {
  readonly type: 'BPE' | 'Unigram' | 'WordPiece' | 'WordLevel'
  /** The model's own tokens; added tokens are not among them yet. */
  readonly vocabulary: Vocabulary
  readonly unknownId: number | undefined
  /** The BPE's merges by rank: ids of both halves and of what they make. Empty for other types. */
  readonly merges: MergeIds
  /** The Unigram's log probabilities by id. */
  readonly scores?: ArrayLike<number>
  readonly byteFallback: boolean
  readonly ignoreMerges: boolean
  /**
   * @param words what the pre-tokenizer gives: words whose bytes, or whose characters, are merged.
   * @param control ids that ordinary text never becomes, whatever the vocabulary would allow.
   */
  build(words: { readonly byteLevel: boolean }, control: ReadonlySet<number>): SubwordModel
}

/** @throws FsError for an unknown type, merges of tokens that are not there, or settings that need randomness. */
export function readModel(reader: Reader, large: LargeMembers = {}): ReadModel {
  const type = reader.optional('type')?.string() ?? guessedType(reader)
  switch (type) {
    case 'BPE':
      return readBytePair(reader, large)
    case 'Unigram':
      return readUnigram(reader, large)
    case 'WordPiece':
    case 'WordLevel':
      return readWordModel(reader, large, type)
    default:
      throw fail('tokenizer/unsupported', `${reader.where}: the model "${type}" is not implemented`, { type })
  }
}

/** Files of tokenizers before 0.12 do not name their model (`models/mod.rs` tries each). */
function guessedType(reader: Reader): string {
  if (reader.optional('merges') !== undefined) return 'BPE'
  if (Array.isArray(reader.field('vocab').value)) return 'Unigram'
  return reader.optional('continuing_subword_prefix') !== undefined ? 'WordPiece' : 'WordLevel'
}

function unknownOf(reader: Reader, vocabulary: Vocabulary): number | undefined {
  const field = reader.optional('unk_token')
  if (field === undefined) return undefined
  const id = vocabulary.tokenIds.get(field.string())
  if (id === undefined) throw fail('tokenizer/malformed', `${field.where} is ${quote(field.string())}, which the vocabulary does not have`)
  return id
}

function readBytePair(reader: Reader, large: LargeMembers): ReadModel {
  const vocabulary = readVocabularyObject(reader.field('vocab'), large.vocab)
  const { tokenIds } = vocabulary
  if ((reader.optional('dropout')?.number() ?? 0) > 0) {
    throw fail('tokenizer/unsupported', `${reader.where}.dropout makes ids random; set it to null, since it is meant for training`)
  }
  const unknownId = unknownOf(reader, vocabulary)
  const continuingPrefix = reader.optional('continuing_subword_prefix')?.string() ?? ''
  const merges = readMerges(reader.field('merges'), large.merges, tokenIds, continuingPrefix)
  const wordSuffix = reader.optional('end_of_word_suffix')?.string() ?? ''
  const byteFallback = reader.optional('byte_fallback')?.boolean() ?? false
  const ignoreMerges = reader.optional('ignore_merges')?.boolean() ?? false
  const fuse = reader.optional('fuse_unk')?.boolean() ?? false
  const symbolOf = (text: string) => tokenIds.get(text)
  return {
    type: 'BPE',
    vocabulary,
    unknownId,
    merges,
    byteFallback,
    ignoreMerges,
    build({ byteLevel }, control) {
      const model = createBytePairModel({
        alphabet: byteLevel ? 'bytes' : 'characters',
        symbolOf,
        merges: { ranks: ranksOf(merges, control), results: merges.results },
        ...(ignoreMerges && { wholeWords: (text: string) => allowed(tokenIds.get(text), control) }),
        continuingPrefix,
        wordSuffix,
        ...(byteFallback && { byteFallback: byteTokenIds(symbolOf) }),
        ...(unknownId !== undefined && { unknown: { id: unknownId, fuse } }),
      })
      // Words of characters may be whole texts: Llama 2's files have no pre-tokenizer, and Gemma's cuts at spaces that are `▁` by then.
      const cuttable = !byteLevel && !ignoreMerges && continuingPrefix === '' && wordSuffix === ''
      return cuttable ? chunked(cached(model), tokenIds.keys(), fuse ? (unknownId ?? -1) : -1) : cached(model)
    },
  }
}

/** Merges as `["a", "b"]` or, before tokenizers 0.20, as `"a b"`. @throws FsError when one needs a token that is not there */
function readMerges(reader: Reader, large: LargeJson | undefined, tokenIds: ReadonlyMap<string, number>, prefix: string): MergeIds {
  const expected = `a list of at most ${MOST_MERGES} merges`
  const source = large ?? wholeJson(reader.value, reader.where)
  if (source?.kind !== 'list') throw reader.malformed(expected)
  const [lefts, rights, results]: [number[], number[], number[]] = [[], [], []]
  for (const rows of source.pieces() as Iterable<readonly Json[]>) {
    if (lefts.length + rows.length > MOST_MERGES) throw reader.malformed(expected)
    for (const row of rows) {
      const rank = lefts.length
      const parts = typeof row === 'string' ? row.split(' ') : row
      const [left, right] = Array.isArray(parts) && parts.length === 2 ? (parts as readonly unknown[]) : []
      if (typeof left !== 'string' || typeof right !== 'string')
        throw fail('tokenizer/bad-merge', `${reader.where}[${rank}] should be two tokens`, { index: rank })
      const idOf = (text: string): number => {
        const id = tokenIds.get(text)
        if (id !== undefined) return id
        throw fail('tokenizer/bad-merge', `${reader.where}[${rank}] needs the token ${quote(text)}, which the vocabulary does not have`, {
          rank,
        })
      }
      lefts.push(idOf(left))
      rights.push(idOf(right))
      results.push(idOf(left + (prefix.length > 0 && right.startsWith(prefix) ? right.slice(prefix.length) : right)))
    }
  }
  return { lefts: Int32Array.from(lefts), rights: Int32Array.from(rights), results: Int32Array.from(results) }
}

const NO_MERGES: MergeIds = { lefts: new Int32Array(), rights: new Int32Array(), results: new Int32Array() }

const allowed = (id: number | undefined, control: ReadonlySet<number>) => (id === undefined || control.has(id) ? undefined : id)

function withoutControl(tokenIds: ReadonlyMap<string, number>, control: ReadonlySet<number>): ReadonlyMap<string, number> {
  return new Map([...tokenIds].filter(([, id]) => !control.has(id)))
}

/** Ranks by pair, but of merges that make a control token. Of two equal merges the first counts; they do not occur in trained files. */
function ranksOf({ lefts, rights, results }: MergeIds, control: ReadonlySet<number>): PairTable {
  const ranks = createPairTable(lefts.length)
  for (let rank = 0; rank < lefts.length; rank++) {
    if (!control.has(results[rank]!)) ranks.add(lefts[rank]!, rights[rank]!, rank)
  }
  return ranks
}

function readUnigram(reader: Reader, large: LargeMembers): ReadModel {
  const { scores, ...vocabulary } = readVocabularyList(reader.field('vocab'), large.vocab)
  const unknownId = reader.optional('unk_id')?.integer(Math.max(0, scores.length - 1))
  const byteFallback = reader.optional('byte_fallback')?.boolean() ?? false
  return {
    type: 'Unigram',
    vocabulary,
    unknownId,
    merges: NO_MERGES,
    scores,
    byteFallback,
    ignoreMerges: false,
    build: (_, control) =>
      cached(
        createUnigramModel({
          pieces: vocabulary.tokens.map((token, id) => ({ text: token!, id, score: scores[id]! })).filter(({ id }) => !control.has(id)),
          unknownId,
          unknownScore: scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - 10,
          fuseUnknown: true,
          ...(byteFallback && { byteIds: byteTokenIds((text) => vocabulary.tokenIds.get(text)) }),
        }),
      ),
  }
}

function readWordModel(reader: Reader, large: LargeMembers, type: 'WordPiece' | 'WordLevel'): ReadModel {
  const vocabulary = readVocabularyObject(reader.field('vocab'), large.vocab)
  const unknownId = unknownOf(reader, vocabulary)
  const required = () => {
    if (unknownId === undefined) throw reader.field('unk_token').malformed('a token of the vocabulary')
    return unknownId
  }
  return {
    type,
    vocabulary,
    unknownId,
    merges: NO_MERGES,
    byteFallback: false,
    ignoreMerges: false,
    build(_, control) {
      const tokenIds = withoutControl(vocabulary.tokenIds, control)
      if (type === 'WordLevel') return { encode: (word, output) => void output.push(tokenIds.get(word) ?? required()) }
      return cached(
        createWordPieceModel({
          tokenIds,
          continuingPrefix: reader.optional('continuing_subword_prefix')?.string() ?? '##',
          unknownId: required(),
          maxCharacters: reader.optional('max_input_chars_per_word')?.integer(1e6) ?? 100,
        }),
      )
    },
  }
}
