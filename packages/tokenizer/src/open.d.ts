import type { TokenizerFiles } from './files.ts';
import type { Tokenizer } from './tokenizer.ts';
/** The files with a tokenizer.json made from older forms where it can be, so that only two kinds remain. */
export type ResolvedFiles = TokenizerFiles & ({
    readonly tokenizerJson: string;
} | {
    readonly tokenizerModel: Uint8Array;
    readonly tokenizerJson?: never;
});
/**
 * Brings every form to tokenizer.json or SentencePiece.
 * @throws FsError when the folder holds neither of the known forms, or one that is malformed.
 */
export declare function resolveFiles(files: TokenizerFiles): ResolvedFiles;
/**
 * The tokenizer of a folder's files.
 * @throws FsError when there is none, or it is malformed or unsupported.
 */
export declare function openTokenizer(files: TokenizerFiles): Tokenizer;
