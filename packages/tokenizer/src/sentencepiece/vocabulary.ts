// The tokens of a folder whose vocabulary is a SentencePiece file: its pieces, and what the JSON files beside it add to them.
// Order and types as llama.cpp's converter has them, since a GGUF vocabulary is written from the same rows.
import { fail } from '../errors.ts'
import type { TokenizerFiles } from '../files.ts'
import { type Reader, readJson } from '../huggingface/reader.ts'
import { looksSpecial } from '../huggingface/vocabulary.ts'
import { LONGEST_TOKEN, MOST_TOKENS } from '../limits.ts'
import { PIECE_TYPES, type Piece, type PieceType, type SentencePieceModel } from './model-file.ts'

/** A token that JSON files put over a piece, or after the last one. */
export type AddedPiece = { readonly id: number; readonly text: string; readonly special: boolean; readonly from: string }

/** Score of tokens that were not trained (`_create_vocab_sentencepiece`, conversion/base.py). */
export const ADDED_SCORE = -1000

/** added_tokens.json first, then tokenizer_config.json's table, which has the last word. */
export function readAddedPieces(files: TokenizerFiles): readonly AddedPiece[] {
  const added: AddedPiece[] = []
  const add = (row: AddedPiece, place: Reader) => {
    const { id, text } = row
    if (text.length > LONGEST_TOKEN)
      throw fail('tokenizer/malformed', `${place.where}: the token with id ${id} has ${text.length} characters`, { id })
    if (!Number.isInteger(id) || id < 0 || id >= MOST_TOKENS) {
      throw fail('tokenizer/id-out-of-range', `${place.where}: ${id} is not a token id; ids are integers from 0 to ${MOST_TOKENS - 1}`, {
        id,
      })
    }
    added.push(row)
  }
  if (files.addedTokens !== undefined) {
    const table = readJson(files.addedTokens, 'added_tokens.json')
    for (const text of Object.keys(table.object())) {
      add({ id: table.field(text).number(), text, special: false, from: 'added_tokens.json' }, table)
    }
  }
  const config = files.tokenizerConfig === undefined ? undefined : readJson(files.tokenizerConfig, 'tokenizer_config.json')
  const table = config?.optional('added_tokens_decoder')
  for (const key of table === undefined ? [] : Object.keys(table.object())) {
    const row = table!.field(key)
    const id = /^\d+$/.test(key) ? Number(key) : -1
    const special = row.optional('special')?.boolean() ?? false
    add({ id, text: row.field('content').string(), special, from: 'tokenizer_config.json' }, row)
  }
  return added
}

/** The piece an added token becomes: only tokenizer_config.json can make it control, and a user's token has spaces for `▁`. */
export function addedPiece(added: AddedPiece): Piece {
  const control = added.from === 'tokenizer_config.json' && (added.special || looksSpecial(added.text))
  const type: PieceType = control ? PIECE_TYPES.CONTROL : PIECE_TYPES.USER_DEFINED
  const text = control || added.from === 'added_tokens.json' ? added.text : added.text.replaceAll('▁', ' ')
  return { text, score: ADDED_SCORE, type }
}

/** Pieces by id with the added ones over them, the last row winning; holes where neither has an id. */
export function mergedPieces(model: SentencePieceModel, added: readonly AddedPiece[]): (Piece | undefined)[] {
  const pieces: (Piece | undefined)[] = [...model.pieces]
  for (const row of added) pieces[row.id] = addedPiece(row)
  return Array.from(pieces)
}
