// SentencePiece's pieces as the stages of a tokenizer.json: merged by score, or cut by a unigram model.
// The stages are those transformers' converters write (convert_slow_tokenizer.py: LlamaConverter, GemmaConverter, SpmConverter).
import type { Json, JsonObject } from '@fs/core'
import { PIECE_TYPES, type Piece } from '../sentencepiece/model-file.ts'
import { toBase64 } from '../text/base64.ts'
import { mergesByScore } from './merges.ts'
import type { TokenRow } from './rows.ts'

/** A SentencePiece vocabulary, from its own file or from a GGUF. */
export type PieceVocabulary = {
  readonly pieces: readonly Piece[]
  readonly algorithm: 'bpe' | 'unigram'
  readonly unknownId: number | undefined
  readonly byteFallback: boolean
  readonly addSpacePrefix: boolean
  readonly removeExtraWhitespaces: boolean
  readonly precompiledCharsmap: Uint8Array
}

export type Stages = { readonly normalizer: Json; readonly preTokenizer: Json; readonly decoder: Json; readonly model: JsonObject }

const replace = (from: JsonObject, content: string): JsonObject => ({ type: 'Replace', pattern: from, content })
const sequence = (key: string, stages: readonly JsonObject[]): Json =>
  stages.length === 0 ? null : stages.length === 1 ? stages[0]! : { type: 'Sequence', [key]: stages }

/** @param vocabulary ids by text, as they are written */
export function pieceStages(pieces: PieceVocabulary, rows: readonly TokenRow[], vocabulary: { readonly [token: string]: number }): Stages {
  return pieces.algorithm === 'bpe' ? mergedStages(pieces, rows, vocabulary) : unigramStages(pieces, rows, vocabulary)
}

function mergedStages(source: PieceVocabulary, rows: readonly TokenRow[], vocabulary: { readonly [token: string]: number }): Stages {
  const { addSpacePrefix, unknownId } = source
  const usable = new Map<string, number>()
  for (const [id, { text, type, score }] of source.pieces.entries()) {
    const ordinary = rows[id]?.kind === 'ordinary' && type !== PIECE_TYPES.BYTE && type !== PIECE_TYPES.UNKNOWN
    if (ordinary && vocabulary[text] === id) usable.set(text, score)
  }
  const escaped = replace({ String: ' ' }, '▁')
  return {
    normalizer: sequence('normalizers', [
      ...cleaning(source),
      ...(addSpacePrefix ? [{ type: 'Prepend', prepend: '▁' }] : []),
      escaped,
    ]),
    preTokenizer: addSpacePrefix ? null : { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false },
    decoder: sequence('decoders', [
      replace({ String: '▁' }, ' '),
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      ...(addSpacePrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
    ]),
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unknownId === undefined ? null : source.pieces[unknownId]!.text,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: source.byteFallback,
      ignore_merges: false,
      vocab: vocabulary,
      merges: mergesByScore(usable),
    },
  }
}

function unigramStages(source: PieceVocabulary, rows: readonly TokenRow[], vocabulary: { readonly [token: string]: number }): Stages {
  const texts: string[] = []
  for (const [text, id] of Object.entries(vocabulary)) texts[id] = text
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: source.addSpacePrefix ? 'always' : 'never', split: true }
  // What is no ordinary piece must never win a cut, so it gets a score below every sum of others.
  const scoreOf = (id: number): number => (rows[id]?.kind === 'ordinary' || id === source.unknownId ? source.pieces[id]!.score : -1e6)
  return {
    normalizer: sequence('normalizers', cleaning(source)),
    preTokenizer: metaspace,
    decoder: metaspace,
    model: {
      type: 'Unigram',
      unk_id: source.unknownId ?? null,
      vocab: texts.map((text, id) => [text, scoreOf(id)]),
      byte_fallback: source.byteFallback,
    },
  }
}

/** The table's replacements, blanks at the ends taken off, and one blank for several. */
function cleaning({ precompiledCharsmap, removeExtraWhitespaces }: PieceVocabulary): readonly JsonObject[] {
  return [
    ...(precompiledCharsmap.length > 0 ? [{ type: 'Precompiled', precompiled_charsmap: toBase64(precompiledCharsmap) }] : []),
    ...(removeExtraWhitespaces ? [{ type: 'Strip', strip_left: true, strip_right: true }, replace({ Regex: ' {2,}' }, ' ')] : []),
  ]
}
