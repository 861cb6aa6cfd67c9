// Rows from a tokenizer.json: byte-pair over bytes, WordPiece, and SentencePiece vocabularies that were converted to byte-pair over characters.
// Source: `get_vocab_base` (conversion/base.py), `set_vocab` (conversion/bert.py), `LlamaHfVocab` (gguf-py/gguf/vocab.py), llama.cpp v0.5.0.
import { TOKEN_TYPES } from '../gguf/read.ts'
import type { HuggingFaceTokenizer } from '../huggingface/tokenizer-json.ts'
import { looksSpecial, quote } from '../huggingface/vocabulary.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { leftOut, paddingRows, rowCount, type VocabularyRows } from './rows.ts'

/** Tokens that have a row, and the rows to fill. */
function emptyRows(source: HuggingFaceTokenizer, rows: number | undefined, scored: boolean) {
  const { tokens } = source.vocabulary
  const count = rowCount(source.model.vocabulary.tokens.length, tokens.length, rows, 'tokenizer.json')
  return { tokens: tokens.slice(0, count), result: paddingRows(count, scored) }
}

/** A sentence for each added token that has no row. */
export function notesOnRows(source: HuggingFaceTokenizer, rows: VocabularyRows): readonly string[] {
  const count = rows.tokens.length
  return source.addedTokens.filter(({ id }) => id >= count).map(({ id, content }) => leftOut('tokenizer.json', quote(content), id, count))
}

/** Byte-pair over bytes: text as the vocabulary spells it, but added tokens as they read. */
export function rowsFromBytePair(source: HuggingFaceTokenizer, tokenizer: Tokenizer, rows: number | undefined): VocabularyRows {
  const { tokens, result } = emptyRows(source, rows, false)
  const added = new Map(source.addedTokens.map((token) => [token.id, token]))
  tokens.forEach((token, id) => {
    if (token === undefined) return
    const row = added.get(id)
    if (row === undefined) {
      result.tokens[id] = token
      result.types[id] = TOKEN_TYPES.NORMAL
      return
    }
    // llama.cpp looks for control and user-defined tokens in the text as it came, so they are written as they read.
    const text = row.normalized ? token : tokenizer.decode(tokenizer.encode(token, { addSpecialTokens: false, parseSpecial: true }))
    const control = row.special || looksSpecial(text)
    result.tokens[id] = control ? text : text.replaceAll('▁', ' ')
    result.types[id] = control ? TOKEN_TYPES.CONTROL : TOKEN_TYPES.USER_DEFINED
  })
  return result
}

/** WordPiece: `##ing` is `ing`, and a word's first piece is marked with `▁` instead. */
export function rowsFromWordPiece(source: HuggingFaceTokenizer, tokenizer: Tokenizer, rows: number | undefined): VocabularyRows {
  const result = rowsFromBytePair(source, tokenizer, rows)
  const marked = (token: string) => (token.startsWith('##') ? token.slice(2) : `▁${token}`)
  return { ...result, tokens: result.tokens.map((token, id) => (result.types[id] === TOKEN_TYPES.CONTROL ? token : marked(token))) }
}

/**
 * SentencePiece vocabularies without their tokenizer.model. Each token's score is the place of the merge that makes it, so that llama.cpp, which
 * merges by score, does what the merges say. Its own converter writes -1000 for all, under which any pair merges leftmost first.
 */
export function rowsFromSpacedBytePair(source: HuggingFaceTokenizer, rows: number | undefined): VocabularyRows {
  const { tokens, result } = emptyRows(source, rows, true)
  const { results } = source.model.merges
  const base = source.model.vocabulary.tokens.length
  const controls = new Set([
    ...Object.values(source.special.ids),
    ...source.addedTokens.flatMap(({ id, special }) => (special ? [id] : [])),
  ])
  tokens.forEach((token, id) => {
    if (token === undefined) return
    const ordinary = id < base ? TOKEN_TYPES.NORMAL : TOKEN_TYPES.USER_DEFINED
    result.tokens[id] = token
    result.types[id] = /^<0x[0-9A-Fa-f]{2}>$/.test(token) ? TOKEN_TYPES.BYTE : controls.has(id) ? TOKEN_TYPES.CONTROL : ordinary
    // Tokens no merge makes (characters, control tokens) never come out of a merge, so any score below the others does.
    result.scores![id] = -results.length - 1
  })
  for (let rank = results.length - 1; rank >= 0; rank--) {
    // Tokens beyond the model's rows have no score.
    if (results[rank]! < result.tokens.length) result.scores![results[rank]!] = -rank - 1
  }
  return result
}

/** Unigram: pieces with their log probabilities (`_xlmroberta_set_vocab`, conversion/bert.py). */
export function rowsFromUnigram(source: HuggingFaceTokenizer, rows: number | undefined): VocabularyRows {
  const { tokens, result } = emptyRows(source, rows, true)
  const added = new Map(source.addedTokens.map((token) => [token.id, token]))
  tokens.forEach((token, id) => {
    if (token === undefined) return
    const row = added.get(id)
    const addedType = row?.special === true ? TOKEN_TYPES.CONTROL : TOKEN_TYPES.USER_DEFINED
    result.tokens[id] = token
    result.scores![id] = source.model.scores?.[id] ?? 0
    if (id === source.model.unknownId) result.types[id] = TOKEN_TYPES.UNKNOWN
    else if (source.model.byteFallback && /^<0x[0-9A-Fa-f]{2}>$/.test(token)) result.types[id] = TOKEN_TYPES.BYTE
    else result.types[id] = row === undefined ? TOKEN_TYPES.NORMAL : addedType
  })
  return result
}
