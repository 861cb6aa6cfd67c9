import type { Reader } from './reader.ts';
export type Vocabulary = {
    /** Token text by id; holes are ids without a token. */
    readonly tokens: (string | undefined)[];
    readonly tokenIds: Map<string, number>;
};
/** A row of `added_tokens`. */
export type AddedToken = {
    readonly id: number;
    readonly content: string;
    readonly singleWord: boolean;
    readonly leftStrip: boolean;
    readonly rightStrip: boolean;
    /** Looked for in the normalized text, else in the text as it came. */
    readonly normalized: boolean;
    readonly special: boolean;
};
/** @throws FsError when one id has two tokens or one token two ids. */
export declare function addToken(vocabulary: Vocabulary, token: string, id: number, where: string): void;
export declare const quote: (token: string) => string;
/** `{"token": id, …}` of BPE, WordPiece and WordLevel. */
export declare function readVocabularyObject(reader: Reader): Vocabulary;
/** `[["token", score], …]` of Unigram; ids are positions. */
export declare function readVocabularyList(reader: Reader): Vocabulary & {
    readonly scores: Float64Array;
};
export declare function readAddedTokens(reader: Reader | undefined): readonly AddedToken[];
/** @param id for tables where the id is the key. */
export declare function readAddedToken(row: Reader, id: number): AddedToken;
/**
 * Tokens that llama.cpp's converter takes for control tokens although their file does not say so (`does_token_look_special`, conversion/base.py):
 * command-r, deepseek-coder and Gemma mark some as ordinary.
 */
export declare function looksSpecial(token: string): boolean;
