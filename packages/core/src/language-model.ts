// A language model as decoding and evaluation see it: token ids in, logits out. It knows nothing of text.
// Implementations are in `@fs/runtime`; anything that satisfies this contract can be decoded, measured and served.

/** One running sequence: its tokens so far and the cached state behind them. Independent of every other sequence. */
export type Sequence = {
  /** Tokens whose state is cached, in order. */
  readonly tokens: readonly number[]
  /** Forgets every token from `length` on, so that a shared prefix can be reused. */
  truncate(length: number): void
  /** Frees what the sequence holds. Using it afterwards throws. */
  dispose(): void
}

/** A sequence and the tokens to append to it. */
export type SequenceInput = { readonly sequence: Sequence; readonly tokens: readonly number[] }

export type LanguageModel = {
  /** Length of a logits row. */
  readonly vocabularySize: number
  /** Most tokens one sequence can hold. */
  readonly contextLength: number
  /** Starts an empty sequence. */
  createSequence(): Sequence
  /**
   * Appends tokens to one sequence and returns logits: of the last position only, or of all appended positions
   * (row-major [tokens.length, vocabularySize]).
   * @throws FsError when the context would overflow, a token id is out of range, or the logits are not finite. A call that
   * fails changes no sequence; that holds for `step` too.
   */
  prefill(input: SequenceInput, logits: 'last' | 'all'): Promise<Float32Array>
  /**
   * Appends one or more tokens to each of several sequences in one pass; result i is the logits row of the last position of
   * `batch[i]`. Sequences may have any lengths and may join or leave between calls.
   */
  step(batch: readonly SequenceInput[]): Promise<readonly Float32Array[]>
  dispose(): Promise<void>
}
