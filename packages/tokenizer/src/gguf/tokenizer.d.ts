import type { Tokenizer } from '../tokenizer.ts';
import { type Metadata } from './read.ts';
/**
 * A tokenizer whose ids equal llama.cpp's for the same file.
 * @param metadata the file's metadata; only `tokenizer.ggml.*` is read.
 * @param file its name, for messages.
 * @throws FsError when the vocabulary is malformed, or of a kind that is not implemented.
 */
export declare function tokenizerFromGguf(metadata: Metadata, file: string): Tokenizer;
