import { type TokenMatcher } from '../text/token-matcher.ts';
import { type SpecialIds } from '../tokenizer.ts';
import { type GgufVocabulary } from './read.ts';
/** Ids the file names, else the kind's defaults where the vocabulary reaches them, else tokens known by their text. */
export declare function specialIds(vocabulary: GgufVocabulary, defaults: SpecialIds): SpecialIds;
/** Tokens no text may become: by type, and those that end a turn whatever their type says. */
export declare function controlIds(vocabulary: GgufVocabulary, special: SpecialIds): ReadonlySet<number>;
/** Control tokens, and tokens a user defined, are cut out of the text as it stands, longest first. */
export declare function literalMatcher(vocabulary: GgufVocabulary, control: ReadonlySet<number>): TokenMatcher;
/** Ids by token; the last of equal tokens, as in llama.cpp. */
export declare function tokenIdMap(tokens: readonly string[]): Map<string, number>;
/** Tokens that ordinary text may become. */
export declare function usableIds(vocabulary: GgufVocabulary, control: ReadonlySet<number>): Map<string, number>;
