// Rows from SentencePiece's tokenizer.model and the JSON files beside it.
// Source: `_create_vocab_sentencepiece` (conversion/base.py) and Phi-3's `set_vocab` (conversion/phi.py), llama.cpp v0.5.0.
import type { TokenizerFiles } from '../files.ts'
import { readTokenizerJson } from '../huggingface/tokenizer-json.ts'
import { quote, readAddedTokens } from '../huggingface/vocabulary.ts'
import { PIECE_TYPES, type Piece, type SentencePieceModel } from '../sentencepiece/model-file.ts'
import { ADDED_SCORE, type AddedPiece, addedPiece, readAddedPieces } from '../sentencepiece/vocabulary.ts'
import type { VocabularyTraits } from './options.ts'
import { leftOut, paddingRows, rowCount, type VocabularyRows } from './rows.ts'

/** @returns rows, and a sentence for each token that was left out or replaced a trained one. */
export function rowsFromSentencePiece(
  model: SentencePieceModel,
  files: TokenizerFiles,
  rows: number | undefined,
  traits: VocabularyTraits,
): VocabularyRows & { readonly notes: readonly string[] } {
  const added = addedRows(files, traits)
  const last = added.reduce((most, { id }) => Math.max(most, id), model.pieces.length - 1)
  const count = rowCount(model.pieces.length, last + 1, rows, 'tokenizer.model')
  const result = paddingRows(count, true)
  const notes: string[] = []
  const put = (id: number, piece: Piece) => {
    result.tokens[id] = piece.text
    result.types[id] = piece.type
    result.scores![id] = piece.score
  }
  model.pieces.forEach((piece, id) => {
    // The C++ library knows only these as what they are; a piece its user defined is an ordinary one to the converter.
    put(id, piece.type === PIECE_TYPES.USER_DEFINED ? { ...piece, type: PIECE_TYPES.NORMAL } : piece)
  })
  for (const row of added) {
    if (row.id >= count) {
      notes.push(leftOut(row.from, quote(row.text), row.id, count))
      continue
    }
    const before = result.tokens[row.id]!
    if (row.id < model.pieces.length && before !== row.piece.text) {
      notes.push(
        `${row.from}: id ${row.id} is ${quote(row.piece.text)} here and ${quote(before)} in tokenizer.model; the former is written.`,
      )
    }
    put(row.id, row.piece)
  }
  return { ...result, notes }
}

type AddedRow = AddedPiece & { readonly piece: Piece }

function addedRows(files: TokenizerFiles, traits: VocabularyTraits): readonly AddedRow[] {
  const asFlagged = traits.addedTokens === 'tokenizer.json'
  const flagged = (row: AddedPiece): Piece => ({
    text: row.text,
    score: ADDED_SCORE,
    type: row.special ? PIECE_TYPES.CONTROL : PIECE_TYPES.USER_DEFINED,
  })
  const rows = readAddedPieces(files).map((row) => ({ ...row, piece: asFlagged ? flagged(row) : addedPiece(row) }))
  if (!asFlagged || files.tokenizerJson === undefined) return rows
  const listed = readAddedTokens(readTokenizerJson(files.tokenizerJson).json.optional('added_tokens'))
  for (const { id, content, special } of listed) {
    const row = { id, text: content, special, from: 'tokenizer.json' }
    rows.push({ ...row, piece: flagged(row) })
  }
  return rows
}
