import type { Decoder } from './decoders/decoder.ts';
import type { ControlScope, TokenMatcher } from './text/token-matcher.ts';
import type { SpecialIds, Tokenizer } from './tokenizer.ts';
/** Encodes text between literal tokens. `offset` is where the text begins in the whole; 0 says nothing came before it. */
export type EncodeSection = (text: string, offset: number, mayBeControl: ControlScope, output: number[]) => void;
export type TokenizerParts = {
    /** Token text by id; holes are ids without a token. */
    readonly tokens: readonly (string | undefined)[];
    readonly tokenIds: ReadonlyMap<string, number>;
    readonly special: SpecialIds;
    /** Ids that `skipSpecialTokens` leaves out. */
    readonly controlIds: ReadonlySet<number>;
    /** Ids that `addSpecialTokens` puts around a text. */
    readonly frame: {
        readonly before: readonly number[];
        readonly after: readonly number[];
    };
    readonly literals: TokenMatcher;
    readonly encodeSection: EncodeSection;
    /** Segments of either kind are encoded apart, for the rare vocabulary whose control tokens are only visible after normalizing. */
    readonly separateSegments: boolean;
    readonly decoder: Decoder;
};
export declare function assembleTokenizer(parts: TokenizerParts): Tokenizer;
