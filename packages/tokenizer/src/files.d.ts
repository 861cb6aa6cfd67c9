import type { Folder, JsonObject } from '@fs/core';
/** Text or bytes of each file that is there, by role; names in the comments. */
export type TokenizerFiles = {
    /** tokenizer.json */
    readonly tokenizerJson?: string;
    /** tokenizer_config.json */
    readonly tokenizerConfig?: string;
    /** special_tokens_map.json */
    readonly specialTokensMap?: string;
    /** added_tokens.json */
    readonly addedTokens?: string;
    /** tokenizer.model: SentencePiece's protobuf, or tiktoken's lines */
    readonly tokenizerModel?: Uint8Array;
    /** vocab.json and merges.txt, the pair that came before tokenizer.json */
    readonly vocabularyJson?: string;
    readonly mergesText?: string;
    /** vocab.txt of WordPiece */
    readonly vocabularyText?: string;
    /** config.json, parsed: ids of special tokens */
    readonly config?: JsonObject;
};
/** Names of every file {@link readTokenizerFiles} looks for, so that a download can fetch them and nothing else. */
export declare const TOKENIZER_FILE_NAMES: readonly string[];
/**
 * Reads the tokenizer files of a folder.
 * @param config the checkpoint's config.json, when it was parsed already.
 * @throws FsError when a file is over 256 MB, or cannot be read.
 */
export declare function readTokenizerFiles(folder: Folder, config?: JsonObject): Promise<TokenizerFiles>;
