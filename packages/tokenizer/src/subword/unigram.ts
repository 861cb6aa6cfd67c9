// Unigram segmentation: the cut of a text whose pieces' scores (log probabilities) add up highest, found by Viterbi's algorithm.
// Source: `src/unigram_model.cc` of google/sentencepiece (`EncodeOptimized`); scores are added in double precision as everywhere.
import type { SubwordModel } from './model.ts'
import { createTrie } from './trie.ts'

export type UnigramOptions = {
  /** Pieces that may be produced; control tokens and bytes are not among them. */
  readonly pieces: readonly { readonly text: string; readonly id: number; readonly score: number }[]
  /** The id for a character no piece begins at; absent, such characters vanish. */
  readonly unknownId: number | undefined
  /** The score of such a character: ten below the lowest. */
  readonly unknownScore: number
  readonly fuseUnknown: boolean
  /** Ids of the byte tokens, to spell such characters with. */
  readonly byteIds?: Int32Array
}

const encoder = new TextEncoder()
const UNKNOWN = -2
const NONE = -1

export function createUnigramModel(options: UnigramOptions): SubwordModel {
  const { pieces, unknownId, unknownScore, fuseUnknown, byteIds } = options
  const trie = createTrie(pieces.map(({ text }, index) => [text, index]))

  /** The best piece ending at each place (index into `pieces`, or UNKNOWN) and where it begins. */
  const search = (text: string) => {
    const best = new Float64Array(text.length + 1).fill(Number.NEGATIVE_INFINITY)
    const piece = new Int32Array(text.length + 1).fill(NONE)
    const start = new Int32Array(text.length + 1)
    best[0] = 0
    for (let from = 0; from < text.length; ) {
      const width = text.codePointAt(from)! > 0xffff ? 2 : 1
      let single = false
      for (let to = from, node = 0; to < text.length; ) {
        node = trie.step(node, text.charCodeAt(to++))
        if (node < 0) break
        const found = trie.value(node)
        if (found < 0) continue
        if (to - from === width) single = true
        const score = best[from]! + pieces[found]!.score
        if (score > best[to]!) {
          best[to] = score
          piece[to] = found
          start[to] = from
        }
      }
      const score = best[from]! + unknownScore
      if (!single && score > best[from + width]!) {
        best[from + width] = score
        piece[from + width] = UNKNOWN
        start[from + width] = from
      }
      from += width
    }
    return { piece, start }
  }

  return {
    encode(text, output) {
      const { piece, start } = search(text)
      const ends: number[] = []
      for (let end = text.length; end > 0; end = start[end]!) ends.push(end)
      let afterUnknown = false
      for (const end of ends.reverse()) {
        const found = piece[end]!
        if (found !== UNKNOWN) output.push(pieces[found]!.id)
        else {
          const bytes = byteIds === undefined ? undefined : encoder.encode(text.slice(start[end]!, end))
          if (bytes?.every((byte) => byteIds![byte]! >= 0)) for (const byte of bytes) output.push(byteIds![byte]!)
          else if (unknownId !== undefined && !(fuseUnknown && afterUnknown)) output.push(unknownId)
        }
        afterUnknown = found === UNKNOWN
      }
    },
  }
}
