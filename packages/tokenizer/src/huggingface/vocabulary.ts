// The tokens of a tokenizer.json by id: the model's vocabulary, and the added tokens with their flags.
// How words become ids is `model.ts`.
import type { Json, JsonObject } from '@fs/core'
import { fail } from '../errors.ts'
import { LONGEST_TOKEN, MOST_TOKENS } from '../limits.ts'
import { type LargeJson, wholeJson } from './large-json.ts'
import type { Reader } from './reader.ts'

export type Vocabulary = {
  /** Token text by id; holes are ids without a token. */
  readonly tokens: (string | undefined)[]
  readonly tokenIds: Map<string, number>
}

/** A row of `added_tokens`. */
export type AddedToken = {
  readonly id: number
  readonly content: string
  readonly singleWord: boolean
  readonly leftStrip: boolean
  readonly rightStrip: boolean
  /** Looked for in the normalized text, else in the text as it came. */
  readonly normalized: boolean
  readonly special: boolean
}

/** @throws FsError when one id has two tokens or one token two ids, or a token is endless. */
export function addToken(vocabulary: Vocabulary, token: string, id: number, where: string): void {
  const { tokens, tokenIds } = vocabulary
  if (token.length > LONGEST_TOKEN) {
    throw fail('tokenizer/malformed', `${where}: token ${id} has ${token.length} characters; no real one has more than ${LONGEST_TOKEN}`, {
      id,
    })
  }
  const before = tokens[id]
  if (before !== undefined && before !== token) {
    throw fail('tokenizer/duplicate-id', `${where}: id ${id} is both ${quote(before)} and ${quote(token)}; the file was edited wrongly`, {
      id,
    })
  }
  const known = tokenIds.get(token)
  if (known !== undefined && known !== id) {
    throw fail('tokenizer/duplicate-token', `${where}: ${quote(token)} has the ids ${known} and ${id}; the file was edited wrongly`, {
      id,
      known,
    })
  }
  tokens[id] = token
  tokenIds.set(token, id)
}

export const quote = (token: string): string => JSON.stringify(token.length > 60 ? `${token.slice(0, 60)}…` : token)

const empty = (): Vocabulary => ({ tokens: [], tokenIds: new Map() })

/** `{"token": id, …}` of BPE, WordPiece and WordLevel. */
export function readVocabularyObject(reader: Reader, large: LargeJson | undefined): Vocabulary {
  const vocabulary = empty()
  const source = large ?? wholeJson(reader.value, reader.where)
  if (source?.kind !== 'object') throw reader.malformed('an object')
  for (const piece of source.pieces() as Iterable<JsonObject>) {
    // `for … in` over own keys, without an array of entries; JSON.parse makes `__proto__` an own key like any other.
    for (const token in piece) {
      const id = piece[token]
      if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= MOST_TOKENS) {
        throw fail(
          'tokenizer/id-out-of-range',
          `${reader.where}: ${quote(token)} has the id ${JSON.stringify(id)}; ids are integers from 0 to ${MOST_TOKENS - 1}`,
        )
      }
      addToken(vocabulary, token, id, reader.where)
    }
  }
  return vocabulary
}

/** `[["token", score], …]` of Unigram; ids are positions. */
export function readVocabularyList(reader: Reader, large: LargeJson | undefined): Vocabulary & { readonly scores: Float64Array } {
  const expected = `a list of at most ${MOST_TOKENS} tokens`
  const source = large ?? wholeJson(reader.value, reader.where)
  if (source?.kind !== 'list') throw reader.malformed(expected)
  const vocabulary = empty()
  const scores: number[] = []
  for (const rows of source.pieces() as Iterable<readonly Json[]>) {
    if (scores.length + rows.length > MOST_TOKENS) throw reader.malformed(expected)
    for (const row of rows) {
      const id = scores.length
      const [token, score] = Array.isArray(row) ? (row as unknown[]) : []
      if (typeof token !== 'string' || typeof score !== 'number' || !Number.isFinite(score)) {
        throw fail('tokenizer/malformed', `${reader.where}[${id}] should be a token and its score`, { id })
      }
      addToken(vocabulary, token, id, reader.where)
      scores.push(score)
    }
  }
  return { ...vocabulary, scores: Float64Array.from(scores) }
}

export function readAddedTokens(reader: Reader | undefined): readonly AddedToken[] {
  return (reader?.list(MOST_TOKENS) ?? []).map((row) => readAddedToken(row, row.field('id').integer(MOST_TOKENS - 1)))
}

/** @param id for tables where the id is the key. */
export function readAddedToken(row: Reader, id: number): AddedToken {
  const flag = (name: string, otherwise: boolean) => row.optional(name)?.boolean() ?? otherwise
  const special = flag('special', false)
  return {
    id,
    content: row.field('content').string(),
    singleWord: flag('single_word', false),
    leftStrip: flag('lstrip', false),
    rightStrip: flag('rstrip', false),
    normalized: flag('normalized', !special),
    special,
  }
}

/**
 * Tokens that llama.cpp's converter takes for control tokens although their file does not say so (`does_token_look_special`, conversion/base.py):
 * command-r, deepseek-coder and Gemma mark some as ordinary.
 */
export function looksSpecial(token: string): boolean {
  return (
    ['<pad>', '<mask>', '<2mass>', '[@BOS@]'].includes(token) ||
    (token.startsWith('<|') && token.endsWith('|>')) ||
    (token.startsWith('<｜') && token.endsWith('｜>')) ||
    (token.startsWith('<unused') && token.endsWith('>'))
  )
}
