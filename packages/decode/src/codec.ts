// What decoding needs of a tokenizer. Every `Tokenizer` of `@fs/tokenizer` is one; this package does not import it.
import type { LanguageModel, Segment } from '@fs/core'
import { fail } from './errors.ts'

export type TextCodec = {
  /** One more than the largest token id. */
  readonly vocabularySize: number
  encode(text: string, options: { readonly addSpecialTokens: boolean }): readonly number[]
  /** Control tokens are recognised in `special` segments only. */
  encodeSegments(segments: readonly Segment[], options?: { readonly addSpecialTokens?: boolean }): readonly number[]
  /** Ids to text one at a time; text comes when its last character is whole, the rest from `end`. */
  createDecodeStream(options?: { readonly skipSpecialTokens?: boolean }): { push(id: number): string; end(): string }
  /** The bytes a token adds in the middle of a text; undefined for ids without a token. */
  idToBytes(id: number): Uint8Array | undefined
  /** True for control tokens. */
  isSpecial(id: number): boolean
}

/** Text (encoded with the special tokens the model expects around it), segments of a chat (encoded as they are), or ids. */
export type Prompt = string | readonly Segment[] | readonly number[]

/**
 * Token ids of a prompt, checked against the model.
 * @throws FsError `decode/empty-prompt`, `decode/vocabulary-mismatch`
 */
export function promptTokens(prompt: Prompt, codec: TextCodec, model: LanguageModel): readonly number[] {
  const tokens =
    typeof prompt === 'string'
      ? codec.encode(prompt, { addSpecialTokens: true })
      : isSegments(prompt)
        ? codec.encodeSegments(prompt)
        : prompt
  if (tokens.length === 0) {
    throw fail('decode/empty-prompt', 'the prompt has no tokens; give the model at least its beginning-of-sequence token or some text')
  }
  for (const [position, id] of tokens.entries()) {
    if (!Number.isSafeInteger(id) || id < 0 || id >= model.vocabularySize) {
      throw fail(
        'decode/vocabulary-mismatch',
        `token ${id} at position ${position} of the prompt is not among the model's ${model.vocabularySize}; use the tokenizer that came with the model`,
        { position, token: id, vocabularySize: model.vocabularySize },
      )
    }
  }
  return tokens
}

function isSegments(prompt: readonly Segment[] | readonly number[]): prompt is readonly Segment[] {
  return typeof prompt[0] === 'object'
}

/**
 * Largest share of a model's rows that may have no token. Embeddings are padded for speed: 50257 tokens in 51200 rows (Phi-2), 151665
 * in 152064 (Qwen2.5 7B); small test models go further, so a fixed number is allowed too.
 */
const MAX_PADDING = { share: 0.1, rows: 1024 } as const
/** Gemma 3's tokenizer has one token (image) more than its text models have rows. */
const MAX_TOKENS_WITHOUT_ROW = 64

/**
 * Compares the sizes of the two vocabularies, to catch a foreign tokenizer before it writes nonsense.
 * @throws FsError `decode/vocabulary-mismatch`
 */
export function checkVocabulary(codec: TextCodec, model: LanguageModel): void {
  const rows = model.vocabularySize
  const tokens = codec.vocabularySize
  const padding = Math.max(MAX_PADDING.rows, tokens * MAX_PADDING.share)
  if (tokens - rows > MAX_TOKENS_WITHOUT_ROW || rows - tokens > padding) {
    throw fail(
      'decode/vocabulary-mismatch',
      `the tokenizer has ${tokens} tokens and the model ${rows} rows of logits; use the tokenizer that came with the model`,
      { tokens, rows },
    )
  }
}
