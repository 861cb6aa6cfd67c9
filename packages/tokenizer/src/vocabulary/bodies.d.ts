import type { MetadataValue } from '@fs/core';
import type { TokenizerFiles } from '../files.ts';
import type { HuggingFaceTokenizer } from '../huggingface/tokenizer-json.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { type PreTokenizerFinding } from './detect.ts';
import type { VocabularyOptions } from './options.ts';
import type { VocabularyRows } from './rows.ts';
export type VocabularyBody = {
    /** `tokenizer.ggml.model`. */
    readonly kind: 'llama' | 'gpt2' | 'bert' | 't5';
    readonly source: 'tokenizer.model' | 'tokenizer.json';
    readonly rows: VocabularyRows;
    readonly pre: string;
    readonly preTokenizer?: PreTokenizerFinding;
    /** Whether a space is put before a text, where the kind leaves a choice and `more` does not say. */
    readonly addSpacePrefix?: boolean;
    /** Keys after the token types. */
    readonly more: ReadonlyMap<string, MetadataValue>;
    /** Whether llama.cpp puts bos and eos around a text when the file does not say. */
    readonly defaults: {
        readonly addBos: boolean;
        readonly addEos: boolean;
    };
    readonly notes: readonly string[];
};
/** Model, pre-tokenizer, tokens, scores, types and what goes with the kind, in llama.cpp's order. */
export declare function bodyEntries({ kind, pre, rows, more }: Pick<VocabularyBody, 'kind' | 'pre' | 'rows' | 'more'>): Map<string, MetadataValue>;
/** From tokenizer.model. @throws FsError when it is malformed, or larger than the model. */
export declare function bodyFromModel(files: TokenizerFiles & {
    readonly tokenizerModel: Uint8Array;
}, options: VocabularyOptions): VocabularyBody;
/** From tokenizer.json. @throws FsError when it is larger than the model, or GGUF cannot express it. */
export declare function bodyFromJson(source: HuggingFaceTokenizer, tokenizer: Tokenizer, options: VocabularyOptions): VocabularyBody;
