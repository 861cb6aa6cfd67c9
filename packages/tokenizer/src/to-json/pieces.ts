// SentencePiece's pieces as the stages of a tokenizer.json: merged by score, or cut by a unigram model.
// The stages are those transformers' converters write (convert_slow_tokenizer.py: LlamaConverter, GemmaConverter, SpmConverter).
import type { Json, JsonObject } from '@fs/core'
import { PIECE_TYPES } from '../sentencepiece/model-file.ts'
import type { PieceVocabulary } from '../sentencepiece/write-model.ts'
import { toBase64 } from '../text/base64.ts'
import { mergesByScore } from './merges.ts'
import type { TokenRow } from './rows.ts'

export type Stages = { readonly normalizer: Json; readonly preTokenizer: Json; readonly decoder: Json; readonly model: JsonObject }

const replace = (from: JsonObject, content: string): JsonObject => ({ type: 'Replace', pattern: from, content })
const sequence = (key: string, stages: readonly JsonObject[]): Json =>
  stages.length === 0 ? null : stages.length === 1 ? stages[0]! : { type: 'Sequence', [key]: stages }

const ESCAPED = replace({ String: ' ' }, '▁')

/** How spaces become `▁`, and where one is put before a text. */
const SPACING = {
  'every section': { normalizers: [{ type: 'Prepend', prepend: '▁' }, ESCAPED], preTokenizer: null },
  start: { normalizers: [], preTokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false } },
  none: {
    normalizers: [ESCAPED],
    preTokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false },
  },
} as const satisfies {
  readonly [Prefix in PieceVocabulary['spacePrefix']]: { readonly normalizers: readonly JsonObject[]; readonly preTokenizer: Json }
}

/** @param vocabulary ids by text, as they are written */
export function pieceStages(pieces: PieceVocabulary, rows: readonly TokenRow[], vocabulary: { readonly [token: string]: number }): Stages {
  return pieces.algorithm === 'bpe' ? mergedStages(pieces, rows, vocabulary) : unigramStages(pieces, rows, vocabulary)
}

function mergedStages(source: PieceVocabulary, rows: readonly TokenRow[], vocabulary: { readonly [token: string]: number }): Stages {
  const { spacePrefix, unknownId } = source
  const usable = new Map<string, number>()
  for (const [id, { text, type, score }] of source.pieces.entries()) {
    const ordinary = rows[id]?.kind === 'ordinary' && type !== PIECE_TYPES.BYTE && type !== PIECE_TYPES.UNKNOWN
    if (ordinary && vocabulary[text] === id) usable.set(text, score)
  }
  return {
    normalizer: sequence('normalizers', [...cleaning(source), ...SPACING[spacePrefix].normalizers]),
    preTokenizer: SPACING[spacePrefix].preTokenizer,
    decoder: sequence('decoders', [
      replace({ String: '▁' }, ' '),
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      ...(spacePrefix === 'none' ? [] : [{ type: 'Strip', content: ' ', start: 1, stop: 0 }]),
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
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: SCHEMES[source.spacePrefix], split: true }
  const scoreOf = (id: number): number => source.pieces[id]!.score
  // Padding counts for nothing, but the library takes the score of unknown characters from the lowest there is.
  const lowest = rows.reduce((least, { kind }, id) => (kind === 'ordinary' ? Math.min(least, scoreOf(id)) : least), 0)
  return {
    normalizer: sequence('normalizers', cleaning(source)),
    preTokenizer: metaspace,
    decoder: metaspace,
    model: {
      type: 'Unigram',
      unk_id: source.unknownId ?? null,
      vocab: texts.map((text, id) => [text, rows[id]!.kind === 'padding' ? lowest : scoreOf(id)]),
      byte_fallback: source.byteFallback,
    },
  }
}

const SCHEMES = { 'every section': 'always', start: 'first', none: 'never' } as const

/** Spaces at the ends of a text. `^` and `$` would be ends of lines, and the library's `Strip` takes line feeds too. */
const OUTER_SPACES = String.raw`(?<![\s\S]) +| +(?![\s\S])`

/** The table's replacements, blanks at the ends taken off, and one blank for several. */
function cleaning({ precompiledCharsmap, removeExtraWhitespaces }: PieceVocabulary): readonly JsonObject[] {
  return [
    ...(precompiledCharsmap.length > 0 ? [{ type: 'Precompiled', precompiled_charsmap: toBase64(precompiledCharsmap) }] : []),
    ...(removeExtraWhitespaces ? [replace({ Regex: OUTER_SPACES }, ''), replace({ Regex: ' {2,}' }, ' ')] : []),
  ]
}
