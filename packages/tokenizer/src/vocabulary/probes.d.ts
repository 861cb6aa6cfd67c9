import type { HuggingFaceTokenizer } from '../huggingface/tokenizer-json.ts';
export type Probes = {
    readonly texts: readonly string[];
    readonly notes: readonly string[];
};
/** Unicode forms are dropped by llama.cpp: texts are compared in that form. `source` is absent for SentencePiece files. */
export declare function probesFor(source: Pick<HuggingFaceTokenizer, 'json' | 'normalize'> | undefined): Probes;
export declare function sameIds(a: readonly number[], b: readonly number[]): boolean;
