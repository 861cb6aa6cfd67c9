import type { Tokenizer } from '../tokenizer.ts';
import { type GgufVocabulary } from './read.ts';
/** What a token says in a text, for vocabularies with `▁` for spaces. Unused tokens say nothing, as in llama.cpp. */
export declare function spacedPiece(vocabulary: GgufVocabulary, id: number): {
    readonly text: string;
} | {
    readonly byte: number;
} | undefined;
export declare function sentencePieceTokenizer(vocabulary: GgufVocabulary): Tokenizer;
