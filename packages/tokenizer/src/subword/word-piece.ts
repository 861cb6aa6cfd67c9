// WordPiece: the longest token that begins the word, then the longest continuation, and so on; a word that does not come out is unknown.
// Source: BERT's `tokenization.py`; the same result as `llm_tokenizer_wpm` of llama.cpp, whose tokens carry `▁` instead of `##`.
import type { SubwordModel } from './model.ts'

export type WordPieceOptions = {
  readonly tokenIds: ReadonlyMap<string, number>
  readonly continuingPrefix: string
  readonly unknownId: number
  /** Longer words are unknown at once. */
  readonly maxCharacters: number
}

export function createWordPieceModel(options: WordPieceOptions): SubwordModel {
  const { tokenIds, continuingPrefix, unknownId, maxCharacters } = options
  let longest = 0
  for (const token of tokenIds.keys()) longest = Math.max(longest, token.length)
  return {
    encode(word, output) {
      const characters = Array.from(word)
      if (characters.length > maxCharacters) {
        output.push(unknownId)
        return
      }
      const first = output.length
      for (let start = 0; start < characters.length; ) {
        const prefix = start > 0 ? continuingPrefix : ''
        let end = Math.min(characters.length, start + longest)
        let id: number | undefined
        for (; end > start && id === undefined; end--) id = tokenIds.get(prefix + characters.slice(start, end).join(''))
        if (id === undefined) {
          output.length = first
          output.push(unknownId)
          return
        }
        output.push(id)
        start = end + 1
      }
    },
  }
}
