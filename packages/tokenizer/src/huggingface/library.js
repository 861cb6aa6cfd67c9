// The parts of `@huggingface/tokenizers` used here, with types of our own: its declarations re-export files without their extension, which
// TypeScript's NodeNext resolution cannot follow (0.2.0).
import * as untyped from '@huggingface/tokenizers';
const library = untyped;
/**
 * An Oniguruma expression as a JavaScript one with the flags `gu`.
 * @throws SyntaxError when it has no equal.
 */
export function translatedRegex(source) {
    return new library.SplitPreTokenizer({ type: 'Split', pattern: { Regex: source }, behavior: 'Isolated', invert: false }).pattern;
}
/** Stages that {@link chainDecoder} can run, by their name in tokenizer.json. */
export const LIBRARY_DECODERS = ['BPEDecoder', 'ByteFallback', 'CTC', 'Fuse', 'Metaspace', 'Replace', 'Strip'];
/** The library's decoder for stages in a row. */
export function chainDecoder(stages) {
    return new library.SequenceDecoder({ type: 'Sequence', decoders: stages });
}
//# sourceMappingURL=library.js.map