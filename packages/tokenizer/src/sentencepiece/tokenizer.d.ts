import type { TokenizerFiles } from '../files.ts';
import { type Tokenizer } from '../tokenizer.ts';
/**
 * A tokenizer whose ids equal SentencePiece's own, with the special tokens of the JSON files beside it.
 * @throws FsError when a file is malformed.
 */
export declare function tokenizerFromSentencePiece(files: TokenizerFiles & {
    readonly tokenizerModel: Uint8Array;
}): Tokenizer;
