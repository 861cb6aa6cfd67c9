// WordPiece: the longest token that begins the word, then the longest continuation, and so on; a word that does not come out is unknown.
// Source: BERT's `tokenization.py`; the same result as `llm_tokenizer_wpm` of llama.cpp, whose tokens carry `▁` instead of `##`.
import type { SubwordModel } from './model.ts'
import { createTrie } from './trie.ts'

export type WordPieceOptions = {
  readonly tokenIds: ReadonlyMap<string, number>
  readonly continuingPrefix: string
  readonly unknownId: number
  /** Longer words are unknown at once. */
  readonly maxCharacters: number
}

export function createWordPieceModel(options: WordPieceOptions): SubwordModel {
  const { tokenIds, continuingPrefix, unknownId, maxCharacters } = options
  const prefixed = continuingPrefix.length > 0
  const beginnings = createTrie(tokenIds)
  const continuations = prefixed
    ? createTrie(
        [...tokenIds].flatMap(([token, id]) => (token.startsWith(continuingPrefix) ? [[token.slice(continuingPrefix.length), id]] : [])),
      )
    : beginnings

  return {
    encode(word, output) {
      const first = output.length
      if (word.length > maxCharacters * 2 || (word.length > maxCharacters && Array.from(word).length > maxCharacters)) {
        output.push(unknownId)
        return
      }
      for (let start = 0; start < word.length; ) {
        const trie = start === 0 ? beginnings : continuations
        let [id, end] = [-1, start]
        for (let at = start, node = 0; at < word.length; ) {
          node = trie.step(node, word.charCodeAt(at++))
          if (node < 0) break
          if (trie.value(node) < 0) continue
          id = trie.value(node)
          end = at
        }
        if (id < 0) {
          output.length = first
          output.push(unknownId)
          return
        }
        output.push(id)
        start = end
      }
    },
  }
}
