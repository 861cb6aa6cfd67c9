import type { JsonObject } from '@fs/core';
import { type SpecialIds } from '../tokenizer.ts';
import type { Reader } from './reader.ts';
import type { Vocabulary } from './vocabulary.ts';
export type SpecialTokens = {
    readonly ids: SpecialIds;
    /** Every token these files call special, roles or not. */
    readonly texts: ReadonlySet<string>;
};
/**
 * Text in tokenizer_config.json, else in special_tokens_map.json, else the id in config.json.
 * A text the vocabulary does not have names no token, as in files edited by hand.
 */
export declare function readSpecialTokens(vocabulary: Vocabulary, files: {
    readonly tokenizerConfig?: Reader;
    readonly specialTokensMap?: Reader;
    readonly config?: JsonObject;
}): SpecialTokens;
