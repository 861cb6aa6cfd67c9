// Tokenizer files from the vocabulary a GGUF carries, for every kind llama.cpp has and transformers can express.
// What a GGUF does not say is taken from what published tokenizers of that kind do, and said in a note.
import type { JsonObject } from '@fs/core'
import { fail } from '../errors.ts'
import { controlIds } from '../gguf/common.ts'
import { type GgufVocabulary, type Metadata, readGgufVocabulary, TOKEN_TYPES } from '../gguf/read.ts'
import { tokenizerFromGguf } from '../gguf/tokenizer.ts'
import type { Piece, PieceType } from '../sentencepiece/model-file.ts'
import { ADDED_SCORE } from '../sentencepiece/vocabulary.ts'
import { type PieceVocabulary, writeSentencePieceModel } from '../sentencepiece/write-model.ts'
import type { SpecialIds, SpecialRole, Tokenizer } from '../tokenizer.ts'
import { bytePairStages, preTokenizerOf } from './byte-pair.ts'
import { differenceNotes } from './compare.ts'
import { type FrameTokens, surroundingTokens } from './frame.ts'
import { pieceStages, type Stages } from './pieces.ts'
import { type TokenRow, vocabularyJson } from './rows.ts'
import { wordPieceStages, wordPieceText } from './word-piece.ts'
import { tokenizerConfig, tokenizerJson, type WrittenTokenizer } from './written-files.ts'

/**
 * @param file its name, for messages
 * @throws FsError when the vocabulary is malformed, or of a kind that has no tokenizer.json
 */
export function tokenizerFilesFromGguf(metadata: Metadata, file: string): WrittenTokenizer {
  const source = readGgufVocabulary(metadata, file)
  const tokenizer = tokenizerFromGguf(metadata, file)
  const rows = rowsOf(source, tokenizer)
  const { vocabulary, added, notes: rowNotes } = vocabularyJson(rows)
  const { stages, notes: stageNotes } = stagesOf(source, tokenizer, rows, vocabulary, file)
  const textOf = (id: number) => rows[id]!.text
  const byteLevel = source.model === 'gpt2' && preTokenizerOf(source, file).pre.spaced !== true
  const json = tokenizerJson({ stages, added, frame: frameOf(source, tokenizer, textOf), byteLevel })
  const pieces = piecesOf(source, tokenizer)
  const model = pieces === undefined ? undefined : writeSentencePieceModel(pieces, tokenizer.special)
  // A tokenizer.model says what its tokens are; the config only adds those that came after training.
  const configured = model === undefined ? added : added.filter(({ id }) => source.scores[id] === ADDED_SCORE)
  const special = rolesOf(source, tokenizer)
  const files = {
    tokenizerJson: json,
    tokenizerConfig: tokenizerConfig(special, textOf, configured, settingsOf(source)),
    ...(model === undefined ? {} : { tokenizerModel: model }),
  }
  return { ...files, special, notes: [...rowNotes, ...stageNotes, ...differenceNotes(tokenizer, files, 'the GGUF')] }
}

function rowsOf(source: GgufVocabulary, tokenizer: Tokenizer): readonly TokenRow[] {
  const control = controlIds(source, tokenizer.special)
  const spelled = source.model === 'bert' ? wordPieceText : (token: string) => token
  return source.tokens.map((token, id) => {
    if (isPadding(source, tokenizer, id)) return { text: `[PAD${id}]`, kind: 'padding' }
    if (control.has(id)) return { text: token, kind: 'control' }
    return source.types[id] === TOKEN_TYPES.USER_DEFINED ? { text: token, kind: 'user' } : { text: spelled(token), kind: 'ordinary' }
  })
}

/** Rows llama.cpp's converter filled up; until 2024 it called them unknown tokens, since then unused ones. */
function isPadding({ tokens, types }: GgufVocabulary, { special }: Tokenizer, id: number): boolean {
  const filled = types[id] === TOKEN_TYPES.UNUSED || (types[id] === TOKEN_TYPES.UNKNOWN && id !== special.unk)
  return filled && tokens[id]!.endsWith(`[PAD${id}]`)
}

function stagesOf(
  source: GgufVocabulary,
  tokenizer: Tokenizer,
  rows: readonly TokenRow[],
  vocabulary: { readonly [token: string]: number },
  file: string,
): { readonly stages: Stages; readonly notes: readonly string[] } {
  switch (source.model) {
    case 'gpt2':
    case 'gemma4': {
      const { notes, ...stages } = bytePairStages(source, vocabulary, file)
      return { stages, notes }
    }
    case 'bert':
      return { stages: wordPieceStages(source, rows[tokenizer.special.unk!]!.text, vocabulary), notes: [] }
    case 'llama':
    case 't5':
      return { stages: pieceStages(piecesOf(source, tokenizer)!, rows, vocabulary), notes: [] }
    default:
      throw fail('tokenizer/unsupported', `${file}: vocabularies of the kind "${source.model}" have no tokenizer.json`, {
        model: source.model,
      })
  }
}

/** The vocabulary as SentencePiece would have it, for the two kinds that come from there. */
function piecesOf(source: GgufVocabulary, tokenizer: Tokenizer): PieceVocabulary | undefined {
  if (source.model !== 'llama' && source.model !== 't5') return undefined
  const { tokens, scores, types } = source
  return {
    pieces: tokens.map((text, id): Piece => {
      const type = isPadding(source, tokenizer, id) ? TOKEN_TYPES.UNUSED : types[id] || TOKEN_TYPES.NORMAL
      return { text, score: scores[id]!, type: type as PieceType }
    }),
    algorithm: source.model === 'llama' ? 'bpe' : 'unigram',
    unknownId: tokenizer.special.unk,
    byteFallback: types.includes(TOKEN_TYPES.BYTE),
    spacePrefix: (source.addSpacePrefix ?? true) ? 'every section' : 'none',
    removeExtraWhitespaces: source.model === 't5' && (source.removeExtraWhitespaces ?? false),
    precompiledCharsmap: source.model === 't5' ? source.precompiledCharsmap : new Uint8Array(),
  }
}

function frameOf(source: GgufVocabulary, tokenizer: Tokenizer, textOf: (id: number) => string): FrameTokens {
  const around = surroundingTokens(tokenizer, textOf)
  const { sep } = tokenizer.special
  if (source.model === 'bert') return { ...around, second: { after: [] } }
  if (source.addSep && sep !== undefined) return { ...around, second: { after: [{ id: sep, text: textOf(sep) }] } }
  return { ...around, second: 'framed' }
}

/**
 * Roles to name in tokenizer_config.json: what the file names, and of llama.cpp's defaults those that are control tokens (byte-pair files without
 * a bos get the comma of GPT-2's vocabulary). BERT's kind says bos for cls.
 */
function rolesOf(source: GgufVocabulary, tokenizer: Tokenizer): SpecialIds {
  const named = Object.entries(tokenizer.special).filter(([role, id]) => source.ids[role as SpecialRole] === id || tokenizer.isSpecial(id))
  const { bos, eos, ...roles }: SpecialIds = Object.fromEntries(named)
  if (source.model === 'bert') return { ...roles, ...(bos === undefined ? {} : { cls: roles.cls ?? bos }) }
  return Object.fromEntries(named)
}

/** Keys of the GGUF that tokenizer_config.json has too, so that nothing is lost on the way back. */
function settingsOf({ addBos, addEos, addSpacePrefix }: GgufVocabulary): JsonObject {
  return {
    ...(addBos === undefined ? {} : { add_bos_token: addBos }),
    ...(addEos === undefined ? {} : { add_eos_token: addEos }),
    ...(addSpacePrefix === undefined ? {} : { add_prefix_space: addSpacePrefix }),
  }
}
