import type { MetadataValue } from '@fs/core';
import type { TokenizerFiles } from '../files.ts';
import { type VocabularyBody } from './bodies.ts';
import type { PreTokenizerFinding } from './detect.ts';
import type { VocabularyOptions } from './options.ts';
export type VocabularyReport = {
    /** `tokenizer.ggml.model`. */
    readonly kind: VocabularyBody['kind'];
    readonly source: VocabularyBody['source'];
    /** Rows written, and how many of them no token has. */
    readonly rows: number;
    readonly padded: number;
    /** Only for byte-pair vocabularies, which need the name. */
    readonly preTokenizer?: PreTokenizerFinding;
    /** Probe texts that the written vocabulary encodes as the source does, and the first that it does not. */
    readonly probes: {
        readonly equal: number;
        readonly all: number;
        readonly differs?: string;
    };
    /** Sentences for people: differences, what was left out, what llama.cpp cannot do. */
    readonly notes: readonly string[];
};
export type GgufVocabularyResult = {
    readonly metadata: Map<string, MetadataValue>;
    readonly report: VocabularyReport;
};
/**
 * @param files every tokenizer file of the checkpoint. tokenizer.model comes before tokenizer.json, as in llama.cpp, since it has scores.
 * @throws FsError when a file is malformed or unsupported, the vocabulary is larger than the model's, or no pre-tokenizer name gives the
 * ids of tokenizer.json.
 */
export declare function ggufVocabulary(files: TokenizerFiles, options?: VocabularyOptions): GgufVocabularyResult;
