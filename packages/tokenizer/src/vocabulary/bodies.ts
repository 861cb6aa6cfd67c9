// The part of a GGUF vocabulary that differs by kind: rows of tokens, merges or scores, and the keys that go with them.
// Special tokens, templates and the final check are in `gguf-vocabulary.ts`.
import type { MetadataValue } from '@fs/core'
import { fail } from '../errors.ts'
import type { TokenizerFiles } from '../files.ts'
import { readGgufVocabulary } from '../gguf/read.ts'
import { flatten } from '../huggingface/normalizer.ts'
import type { HuggingFaceTokenizer } from '../huggingface/tokenizer-json.ts'
import { PRE_TOKENIZERS, type PreTokenizer } from '../pre-tokenizers/names.ts'
import { readSentencePieceModel } from '../sentencepiece/model-file.ts'
import { fromBase64 } from '../text/base64.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { findPreTokenizer, type PreTokenizerFinding } from './detect.ts'
import { rowsFromSentencePiece } from './from-sentencepiece.ts'
import { notesOnRows, rowsFromBytePair, rowsFromSpacedBytePair, rowsFromUnigram, rowsFromWordPiece } from './from-tokenizer-json.ts'
import type { VocabularyOptions } from './options.ts'
import type { VocabularyRows } from './rows.ts'

export type VocabularyBody = {
  /** `tokenizer.ggml.model`. */
  readonly kind: 'llama' | 'gpt2' | 'bert' | 't5'
  readonly source: 'tokenizer.model' | 'tokenizer.json'
  readonly rows: VocabularyRows
  readonly pre: string
  readonly preTokenizer?: PreTokenizerFinding
  /** Whether a space is put before a text, where the kind leaves a choice and `more` does not say. */
  readonly addSpacePrefix?: boolean
  /** Keys after the token types. */
  readonly more: ReadonlyMap<string, MetadataValue>
  /** Whether llama.cpp puts bos and eos around a text when the file does not say. */
  readonly defaults: { readonly addBos: boolean; readonly addEos: boolean }
  readonly notes: readonly string[]
}

const string = (value: string): MetadataValue => ({ type: 'STRING', value })
const flag = (value: boolean): MetadataValue => ({ type: 'BOOL', value })
const none: ReadonlyMap<string, MetadataValue> = new Map()

/** Model, pre-tokenizer, tokens, scores, types and what goes with the kind, in llama.cpp's order. */
export function bodyEntries({ kind, pre, rows, more }: Pick<VocabularyBody, 'kind' | 'pre' | 'rows' | 'more'>): Map<string, MetadataValue> {
  return new Map<string, MetadataValue>([
    ['tokenizer.ggml.model', string(kind)],
    ['tokenizer.ggml.pre', string(pre)],
    ['tokenizer.ggml.tokens', { type: 'ARRAY', of: 'STRING', value: rows.tokens }],
    ...(rows.scores === undefined ? [] : [['tokenizer.ggml.scores', { type: 'ARRAY', of: 'FLOAT32', value: rows.scores }] as const]),
    ['tokenizer.ggml.token_type', { type: 'ARRAY', of: 'INT32', value: rows.types }],
    ...more,
  ])
}

/** From tokenizer.model. @throws FsError when it is malformed, or larger than the model. */
export function bodyFromModel(files: TokenizerFiles & { readonly tokenizerModel: Uint8Array }, options: VocabularyOptions): VocabularyBody {
  const model = readSentencePieceModel(files.tokenizerModel)
  const { notes, ...rows } = rowsFromSentencePiece(model, files, options.rows, options.traits ?? {})
  if (model.algorithm === 'bpe') {
    const beyond = [
      ...(model.removeExtraWhitespaces ? ['merges runs of spaces into one'] : []),
      ...(model.precompiledCharsmap.length > 0 ? ['normalizes characters by a table'] : []),
    ].map((what) => `tokenizer.model ${what}, which llama.cpp does not do for this kind.`)
    return {
      kind: 'llama',
      source: 'tokenizer.model',
      rows,
      pre: 'default',
      more: none,
      addSpacePrefix: model.addDummyPrefix,
      defaults: { addBos: true, addEos: false },
      notes: [...notes, ...beyond],
    }
  }
  const more = unigramEntries(model.addDummyPrefix, model.removeExtraWhitespaces, model.precompiledCharsmap)
  const suffix = model.treatWhitespaceAsSuffix ? ['tokenizer.model puts a word’s space behind it, which no key tells llama.cpp.'] : []
  return {
    kind: 't5',
    source: 'tokenizer.model',
    rows,
    pre: 'default',
    more,
    defaults: { addBos: false, addEos: true },
    notes: [...notes, ...suffix],
  }
}

function unigramEntries(
  addSpacePrefix: boolean,
  removeExtraWhitespaces: boolean,
  charsmap: Uint8Array,
): ReadonlyMap<string, MetadataValue> {
  return new Map<string, MetadataValue>([
    ['tokenizer.ggml.add_space_prefix', flag(addSpacePrefix)],
    ['tokenizer.ggml.remove_extra_whitespaces', flag(removeExtraWhitespaces)],
    ...(charsmap.length > 0 ? [['tokenizer.ggml.precompiled_charsmap', { type: 'ARRAY', of: 'UINT8', value: charsmap }] as const] : []),
  ])
}

/** From tokenizer.json. @throws FsError when it is larger than the model, or GGUF cannot express it. */
export function bodyFromJson(source: HuggingFaceTokenizer, tokenizer: Tokenizer, options: VocabularyOptions): VocabularyBody {
  const body = bodyOfKind(source, tokenizer, options)
  return { ...body, notes: [...notesOnRows(source, body.rows), ...body.notes] }
}

function bodyOfKind(source: HuggingFaceTokenizer, tokenizer: Tokenizer, options: VocabularyOptions): VocabularyBody {
  switch (source.model.type) {
    case 'BPE':
      return source.model.byteFallback && !source.preTokenizer.byteLevel
        ? spacedBody(source, options)
        : bytePairBody(source, tokenizer, options)
    case 'WordPiece': {
      const rows = rowsFromWordPiece(source, tokenizer, options.rows)
      return {
        kind: 'bert',
        source: 'tokenizer.json',
        rows,
        pre: 'default',
        more: none,
        defaults: { addBos: true, addEos: false },
        notes: [],
      }
    }
    case 'Unigram':
      return unigramBody(source, options)
    case 'WordLevel':
      throw fail('tokenizer/unsupported', 'tokenizer.json: GGUF has no vocabulary of the kind WordLevel')
    default:
      return source.model.type satisfies never
  }
}

function bytePairBody(source: HuggingFaceTokenizer, tokenizer: Tokenizer, options: VocabularyOptions): VocabularyBody {
  const rows = rowsFromBytePair(source, tokenizer, options.rows)
  // A space inside a half would look like the border between halves; it is written as byte-level BPE spells it (llama.cpp issue 9692).
  const { lefts, rights } = source.model.merges
  const half = (id: number) => source.model.vocabulary.tokens[id]!.replaceAll(' ', 'Ġ')
  const merges = Array.from(lefts, (left, rank) => `${half(left)} ${half(rights[rank]!)}`)
  const more = new Map<string, MetadataValue>([['tokenizer.ggml.merges', { type: 'ARRAY', of: 'STRING', value: merges }]])
  const written = readGgufVocabulary(bodyEntries({ kind: 'gpt2', pre: '', rows, more }), 'the vocabulary')
  const finding = findPreTokenizer(source, tokenizer, written, {
    ...(options.pre !== undefined && { user: options.pre }),
    ...(options.traits?.preferredPre !== undefined && { family: options.traits.preferredPre }),
  })
  const pre: PreTokenizer = PRE_TOKENIZERS[finding.pre]
  return {
    kind: 'gpt2',
    source: 'tokenizer.json',
    rows,
    pre: finding.pre,
    preTokenizer: finding,
    more,
    defaults: { addBos: pre.addBos === true, addEos: false },
    notes: finding.notes,
  }
}

/** SentencePiece without its file, and so without its scores. */
function spacedBody(source: HuggingFaceTokenizer, options: VocabularyOptions): VocabularyBody {
  return {
    kind: 'llama',
    source: 'tokenizer.json',
    rows: rowsFromSpacedBytePair(source, options.rows),
    pre: 'default',
    more: none,
    addSpacePrefix: putsSpaceFirst(source),
    defaults: { addBos: true, addEos: false },
    notes: ['Scores are written in the order of the merges; llama.cpp’s converter writes equal ones, under which texts get other ids.'],
  }
}

const putsSpaceFirst = (source: HuggingFaceTokenizer) => source.preTokenizer.words(source.normalize('a'), 0)[0]?.startsWith('▁') === true

function unigramBody(source: HuggingFaceTokenizer, options: VocabularyOptions): VocabularyBody {
  const rows = rowsFromUnigram(source, options.rows)
  const normalizer = source.json.optional('normalizer')
  const stages = normalizer === undefined ? [] : flatten(normalizer, 'normalizers')
  const table = stages.find((stage) => stage.field('type').value === 'Precompiled')?.optional('precompiled_charsmap')
  const charsmap = table === undefined ? new Uint8Array() : fromBase64(table.string(), table.where)
  // One space for several, however the stages say it: a regular expression, or words cut at white space.
  const merged =
    source.preTokenizer.words(source.normalize('a  b'), 0).length === 2 &&
    !source.preTokenizer.words(source.normalize('a  b'), 0).join('').includes('▁▁')
  const more = unigramEntries(putsSpaceFirst(source), merged, charsmap)
  return { kind: 't5', source: 'tokenizer.json', rows, pre: 'default', more, defaults: { addBos: false, addEos: true }, notes: [] }
}
