// The `model` of a tokenizer.json: BPE, Unigram, WordPiece or WordLevel, made into a subword model.
// Normalizing and cutting into words come before it and are read elsewhere.
import { fail } from '../errors.ts'
import { MOST_MERGES } from '../limits.ts'
import { byteTokenIds, createBytePairModel, type Merges } from '../subword/byte-pair.ts'
import { chunked } from '../subword/chunked.ts'
import { cached, type SubwordModel } from '../subword/model.ts'
import { createPairTable } from '../subword/pair-table.ts'
import { createUnigramModel } from '../subword/unigram.ts'
import { createWordPieceModel } from '../subword/word-piece.ts'
import type { Reader } from './reader.ts'
import { quote, readVocabularyList, readVocabularyObject, type Vocabulary } from './vocabulary.ts'

export type ReadModel = {
  readonly type: 'BPE' | 'Unigram' | 'WordPiece' | 'WordLevel'
  /** The model's own tokens; added tokens are not among them yet. */
  readonly vocabulary: Vocabulary
  readonly unknownId: number | undefined
  /** The BPE's merges as pairs of token texts. */
  readonly merges: readonly (readonly [string, string])[]
  /** The Unigram's log probabilities by id. */
  readonly scores?: ArrayLike<number>
  readonly byteFallback: boolean
  readonly ignoreMerges: boolean
  /**
   * @param words what the pre-tokenizer gives: words whose bytes, or whose characters, are merged.
   * @param control ids that ordinary text never becomes, whatever the vocabulary would allow.
   * @throws FsError when a merge needs a token that is not there.
   */
  build(words: { readonly byteLevel: boolean }, control: ReadonlySet<number>): SubwordModel
}

/** @throws FsError for an unknown type, merges of tokens that are not there, or settings that need randomness. */
export function readModel(reader: Reader): ReadModel {
  const type = reader.optional('type')?.string() ?? guessedType(reader)
  switch (type) {
    case 'BPE':
      return readBytePair(reader)
    case 'Unigram':
      return readUnigram(reader)
    case 'WordPiece':
    case 'WordLevel':
      return readWordModel(reader, type)
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

function readBytePair(reader: Reader): ReadModel {
  const vocabulary = readVocabularyObject(reader.field('vocab'))
  const { tokenIds } = vocabulary
  if ((reader.optional('dropout')?.number() ?? 0) > 0) {
    throw fail('tokenizer/unsupported', `${reader.where}.dropout makes ids random; set it to null, since it is meant for training`)
  }
  const unknownId = unknownOf(reader, vocabulary)
  const pairs = readMerges(reader.field('merges'))
  const continuingPrefix = reader.optional('continuing_subword_prefix')?.string() ?? ''
  const wordSuffix = reader.optional('end_of_word_suffix')?.string() ?? ''
  const byteFallback = reader.optional('byte_fallback')?.boolean() ?? false
  const ignoreMerges = reader.optional('ignore_merges')?.boolean() ?? false
  const fuse = reader.optional('fuse_unk')?.boolean() ?? false
  const symbolOf = (text: string) => tokenIds.get(text)
  return {
    type: 'BPE',
    vocabulary,
    unknownId,
    merges: pairs,
    byteFallback,
    ignoreMerges,
    build({ byteLevel }, control) {
      const model = createBytePairModel({
        alphabet: byteLevel ? 'bytes' : 'characters',
        symbolOf,
        merges: resolveMerges(pairs, tokenIds, { prefix: continuingPrefix, control, where: reader.where }),
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

/** Merges as `["a", "b"]` or, before tokenizers 0.20, as `"a b"`. */
function readMerges(reader: Reader): readonly (readonly [string, string])[] {
  const rows = reader.value
  if (!Array.isArray(rows) || rows.length > MOST_MERGES) throw reader.malformed(`a list of at most ${MOST_MERGES} merges`)
  return rows.map((row: unknown, index) => {
    const parts = typeof row === 'string' ? row.split(' ') : row
    if (Array.isArray(parts) && parts.length === 2 && typeof parts[0] === 'string' && typeof parts[1] === 'string')
      return [parts[0], parts[1]]
    throw fail('tokenizer/bad-merge', `${reader.where}[${index}] should be two tokens`, { index })
  })
}

const allowed = (id: number | undefined, control: ReadonlySet<number>) => (id === undefined || control.has(id) ? undefined : id)

function withoutControl(tokenIds: ReadonlyMap<string, number>, control: ReadonlySet<number>): ReadonlyMap<string, number> {
  return new Map([...tokenIds].filter(([, id]) => !control.has(id)))
}

function resolveMerges(
  pairs: readonly (readonly [string, string])[],
  tokenIds: ReadonlyMap<string, number>,
  { prefix, control, where }: { readonly prefix: string; readonly control: ReadonlySet<number>; readonly where: string },
): Merges {
  const ranks = createPairTable(pairs.length)
  const results = new Int32Array(pairs.length)
  pairs.forEach(([left, right], rank) => {
    const joined = left + (prefix.length > 0 && right.startsWith(prefix) ? right.slice(prefix.length) : right)
    const [leftId, rightId, joinedId] = [tokenIds.get(left), tokenIds.get(right), tokenIds.get(joined)]
    if (leftId === undefined || rightId === undefined || joinedId === undefined) {
      const missing = leftId === undefined ? left : rightId === undefined ? right : joined
      throw fail('tokenizer/bad-merge', `${where}.merges[${rank}] needs the token ${quote(missing)}, which the vocabulary does not have`, {
        rank,
      })
    }
    // Of two equal merges the Rust library keeps the later one's rank; equal merges do not occur in trained files.
    if (!control.has(joinedId)) ranks.add(leftId, rightId, rank)
    results[rank] = joinedId
  })
  return { ranks, results }
}

function readUnigram(reader: Reader): ReadModel {
  const { scores, ...vocabulary } = readVocabularyList(reader.field('vocab'))
  const unknownId = reader.optional('unk_id')?.integer(Math.max(0, scores.length - 1))
  const byteFallback = reader.optional('byte_fallback')?.boolean() ?? false
  return {
    type: 'Unigram',
    vocabulary,
    unknownId,
    merges: [],
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

function readWordModel(reader: Reader, type: 'WordPiece' | 'WordLevel'): ReadModel {
  const vocabulary = readVocabularyObject(reader.field('vocab'))
  const unknownId = unknownOf(reader, vocabulary)
  const required = () => {
    if (unknownId === undefined) throw reader.field('unk_token').malformed('a token of the vocabulary')
    return unknownId
  }
  return {
    type,
    vocabulary,
    unknownId,
    merges: [],
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
