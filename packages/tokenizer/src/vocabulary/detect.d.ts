import type { GgufVocabulary } from '../gguf/read.ts';
import type { HuggingFaceTokenizer } from '../huggingface/tokenizer-json.ts';
import { type PreTokenizerName } from '../pre-tokenizers/names.ts';
import type { Tokenizer } from '../tokenizer.ts';
export type PreTokenizerFinding = {
    /** The value of `tokenizer.ggml.pre`. */
    readonly pre: PreTokenizerName;
    /** Why this name: the user said so, the family's among those that cut alike, tokenizer.json's stages are known, or the ids alone. */
    readonly chosenBy: 'user' | 'family' | 'structure' | 'ids';
    /** Other names under which llama.cpp does the same. */
    readonly alike: readonly string[];
    /** Probe texts whose ids are equal under this name, of all that were tried. */
    readonly probes: {
        readonly equal: number;
        readonly all: number;
    };
    /** What else there is to know, in sentences: what llama.cpp cannot do that tokenizer.json asks for. */
    readonly notes: readonly string[];
};
/**
 * @param vocabulary the GGUF vocabulary as it would be written.
 * @throws FsError when the user's name is unknown, or no name gives the ids of tokenizer.json.
 */
export declare function findPreTokenizer(source: HuggingFaceTokenizer, tokenizer: Tokenizer, vocabulary: GgufVocabulary, wish: {
    readonly user?: string;
    readonly family?: string;
}): PreTokenizerFinding;
