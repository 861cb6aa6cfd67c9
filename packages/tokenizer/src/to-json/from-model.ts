// Tokenizer files for a folder without a tokenizer.json: from SentencePiece's tokenizer.model, tiktoken's, vocab.json with merges.txt, or vocab.txt.
// What a folder has in that form already is kept as it is by whoever copies it.
import { fail } from '../errors.ts'
import type { TokenizerFiles } from '../files.ts'
import { jsonText } from '../huggingface/large-json.ts'
import { readJson } from '../huggingface/reader.ts'
import { tokenizerFromJson } from '../huggingface/tokenizer-json.ts'
import { resolveFiles } from '../open.ts'
import { PIECE_TYPES, type Piece, readSentencePieceModel, type SentencePieceModel } from '../sentencepiece/model-file.ts'
import { tokenizerFromSentencePiece } from '../sentencepiece/tokenizer.ts'
import { mergedPieces, readAddedPieces } from '../sentencepiece/vocabulary.ts'
import type { PieceVocabulary } from '../sentencepiece/write-model.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { differenceNotes } from './compare.ts'
import { surroundingTokens } from './frame.ts'
import { pieceStages } from './pieces.ts'
import { addedToken, type TokenRow, vocabularyJson } from './rows.ts'
import { tokenizerConfig, tokenizerJson, type WrittenTokenizer } from './written-files.ts'

/**
 * @throws FsError when the folder holds none of the known forms, one is malformed, or tokenizer.json cannot say what it does
 */
export function tokenizerFilesFromModel(files: TokenizerFiles): WrittenTokenizer {
  const resolved = resolveFiles(files)
  if (resolved.tokenizerJson === undefined) return fromSentencePiece(resolved)
  const tokenizer = tokenizerFromJson(resolved)
  return {
    tokenizerJson: typeof resolved.tokenizerJson === 'string' ? resolved.tokenizerJson : jsonText(resolved.tokenizerJson, 'tokenizer.json'),
    tokenizerConfig: resolved.tokenizerConfig ?? tokenizerConfig(tokenizer.special, (id) => tokenizer.idToToken(id)!, [], {}),
    special: tokenizer.special,
    notes: [],
  }
}

function fromSentencePiece(files: TokenizerFiles & { readonly tokenizerModel: Uint8Array }): WrittenTokenizer {
  const model = readSentencePieceModel(files.tokenizerModel)
  if (model.treatWhitespaceAsSuffix) {
    throw fail('tokenizer/unsupported', 'tokenizer.model puts spaces after words, which no tokenizer.json can say; keep the file', {})
  }
  const tokenizer = tokenizerFromSentencePiece(files)
  const added = readAddedPieces(files)
  const pieces = Array.from(
    mergedPieces(model, added),
    (piece, id): Piece => piece ?? { text: `[PAD${id}]`, score: 0, type: PIECE_TYPES.UNUSED },
  )
  const rows = rowsOf(model, pieces, new Set(added.map(({ id }) => id)), tokenizer)
  const { vocabulary, added: addedTokens, notes } = vocabularyJson(rows)
  const textOf = (id: number) => rows[id]!.text
  const json = tokenizerJson({
    stages: pieceStages(vocabularyOf(model, pieces, files), rows, vocabulary),
    added: addedTokens,
    frame: { ...surroundingTokens(tokenizer, textOf), second: 'framed' },
    byteLevel: false,
  })
  const config =
    files.tokenizerConfig ??
    tokenizerConfig(
      tokenizer.special,
      textOf,
      added.map(({ id, text, special }) => addedToken(id, text, special)),
      {},
    )
  const written = { tokenizerJson: json, tokenizerConfig: config }
  return { ...written, special: tokenizer.special, notes: [...notes, ...differenceNotes(tokenizer, written, 'tokenizer.model')] }
}

function rowsOf(
  { addDummyPrefix, pieces: trained }: SentencePieceModel,
  pieces: readonly Piece[],
  added: ReadonlySet<number>,
  tokenizer: Tokenizer,
): readonly TokenRow[] {
  return pieces.map(({ text, type }, id): TokenRow => {
    if (tokenizer.isSpecial(id)) return { text, kind: 'control' }
    if (added.has(id)) return { text, kind: 'user' }
    if (id >= trained.length) return { text, kind: 'padding' }
    if (type !== PIECE_TYPES.USER_DEFINED) return { text, kind: 'ordinary' }
    // SentencePiece looks for a user's piece in the normalized text; where that begins with a space of its own, only the raw text serves.
    return addDummyPrefix ? { text: text.replaceAll('▁', ' '), kind: 'user' } : { text, kind: 'user', normalized: true }
  })
}

function vocabularyOf(model: SentencePieceModel, pieces: readonly Piece[], files: TokenizerFiles): PieceVocabulary {
  const legacy =
    files.tokenizerConfig === undefined ? undefined : readJson(files.tokenizerConfig, 'tokenizer_config.json').optional('legacy')
  return {
    pieces,
    algorithm: model.algorithm,
    unknownId: model.unkId < 0 ? undefined : model.unkId,
    byteFallback: model.byteFallback,
    spacePrefix: !model.addDummyPrefix ? 'none' : legacy?.value === false ? 'start' : 'every section',
    removeExtraWhitespaces: model.removeExtraWhitespaces,
    precompiledCharsmap: model.precompiledCharsmap,
  }
}
