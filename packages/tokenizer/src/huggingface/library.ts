// The parts of `@huggingface/tokenizers` used here, with types of our own: its declarations re-export files without their extension, which
// TypeScript's NodeNext resolution cannot follow (0.2.0).
import * as untyped from '@huggingface/tokenizers'

/** Decodes token texts one stage at a time. */
type LibraryDecoder = { decode(tokens: readonly string[]): string }

const library = untyped as unknown as {
  readonly SplitPreTokenizer: new (config: {
    readonly type: 'Split'
    readonly pattern: { readonly Regex: string }
    readonly behavior: 'Isolated'
    readonly invert: boolean
  }) => { readonly pattern: RegExp | null }
  readonly SequenceDecoder: new (config: unknown) => LibraryDecoder
}

/**
 * An Oniguruma expression as a JavaScript one with the flags `gu`.
 * @throws SyntaxError when it has no equal.
 */
export function translatedRegex(source: string): RegExp | null {
  return new library.SplitPreTokenizer({ type: 'Split', pattern: { Regex: source }, behavior: 'Isolated', invert: false }).pattern
}

/** Stages that {@link chainDecoder} can run, by their name in tokenizer.json. */
export const LIBRARY_DECODERS: readonly string[] = ['BPEDecoder', 'ByteFallback', 'CTC', 'Fuse', 'Metaspace', 'Replace', 'Strip']

/** The library's decoder for stages in a row. */
export function chainDecoder(stages: readonly unknown[]): LibraryDecoder {
  return new library.SequenceDecoder({ type: 'Sequence', decoders: stages })
}
