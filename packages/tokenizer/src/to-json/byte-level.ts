// Parts of a tokenizer.json that every byte-pair vocabulary has, as the Rust library writes them.
import type { JsonObject } from '@fs/core'

/** `ByteLevel` as a decoder. */
export const byteLevelDecoder = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true } as const

/** A token of `added_tokens` that no text is taken for. */
export const controlToken = ({ id, content }: { readonly id: number; readonly content: string }) =>
  ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }) as const

export type BytePairModel = {
  /** Ids by token. */
  readonly vocabulary: JsonObject
  readonly merges: readonly (readonly [string, string])[]
  /** Whether a word that is a token takes that token without looking at merges. */
  readonly ignoreMerges: boolean
  /** Whether bytes of characters without a token have tokens of their own, `<0x0A>`. */
  readonly byteFallback: boolean
}

/** The `model` of a tokenizer.json. */
export const bytePairModel = ({ vocabulary, merges, ignoreMerges, byteFallback }: BytePairModel) =>
  ({
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: byteFallback,
    ignore_merges: ignoreMerges,
    vocab: vocabulary,
    merges,
  }) as const
