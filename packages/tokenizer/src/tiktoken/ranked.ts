// A tokenizer.json from nothing but byte-level tokens in the order they were learned: tiktoken's files, and vocabularies of before GGUF.
// Merges are recovered: a pair joins when the join is a token, the one learned first before others, which is how tiktoken itself encodes.
import { byteLevelDecoder, bytePairModel, controlToken } from '../to-json/byte-level.ts'

/** GPT-2's split, in Oniguruma's spelling: what `ByteLevel` does by itself. */
export const GPT2_SPLIT = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

export type RankedTokens = {
  /** In the byte alphabet; a token's id is its place. */
  readonly tokens: readonly string[]
  /** Control tokens with their ids, inside or after `tokens`. */
  readonly special: readonly { readonly id: number; readonly content: string }[]
  /** The token put before a text. */
  readonly bos?: string
  /** Oniguruma's dialect. */
  readonly split: string
  /** A word that is a token takes that token, as tiktoken does; GPT-2's own encoder does not look. */
  readonly ignoreMerges: boolean
}

/**
 * All pairs of tokens whose join is a token, in the order of what they make: what transformers writes for such files
 * (`TikTokenConverter`), and with the model's `ignore_merges` the ids of tiktoken itself.
 */
function allMerges(tokens: readonly string[]): readonly (readonly [string, string])[] {
  const rankOf = new Map(tokens.map((token, rank) => [token, rank]))
  return tokens.flatMap((token) => {
    const pairs: (readonly [string, string])[] = []
    for (let cut = 1; cut < token.length; cut++) {
      const [left, right] = [token.slice(0, cut), token.slice(cut)]
      if (rankOf.has(left) && rankOf.has(right)) pairs.push([left, right])
    }
    return pairs.sort((a, b) => rankOf.get(a[0])! - rankOf.get(b[0])! || rankOf.get(a[1])! - rankOf.get(b[1])!)
  })
}

/** @returns the text of a tokenizer.json as transformers writes it for such vocabularies. */
export function jsonFromRankedTokens({ tokens, special, bos, split, ignoreMerges }: RankedTokens): string {
  const contents = new Set(special.map(({ content }) => content))
  const learned = tokens.filter((token) => !contents.has(token))
  const first = special.find(({ content }) => content === bos)
  const item = (type: number) => ({ SpecialToken: { id: bos, type_id: type } })
  const text = (id: string, type: number) => ({ Sequence: { id, type_id: type } })
  const byteLevel = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true }
  const template = first && {
    type: 'TemplateProcessing',
    single: [item(0), text('A', 0)],
    pair: [item(0), text('A', 0), item(1), text('B', 1)],
    special_tokens: { [first.content]: { id: first.content, ids: [first.id], tokens: [first.content] } },
  }
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map(controlToken),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: split }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: template === undefined ? byteLevel : { type: 'Sequence', processors: [byteLevel, template] },
    decoder: byteLevelDecoder,
    model: bytePairModel({
      vocabulary: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: allMerges(learned),
      ignoreMerges,
      byteFallback: false,
    }),
  })
}
