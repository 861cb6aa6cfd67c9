import type { SubwordModel } from './model.ts';
import type { PairTable } from './pair-table.ts';
/** Merges as numbers: `ranks` maps a pair of symbols to its rank, `results[rank]` is the symbol it makes. */
export type Merges = {
    readonly ranks: PairTable;
    readonly results: Int32Array;
};
export type BytePairOptions = {
    /** `bytes`: a word's UTF-8 bytes, spelled in GPT-2's byte alphabet. `characters`: its code points. */
    readonly alphabet: 'bytes' | 'characters';
    readonly symbolOf: (text: string) => number | undefined;
    readonly merges: Merges;
    /** The token a word is as a whole, which it then takes whatever the merges say (`ignore_merges`). */
    readonly wholeWords?: (text: string) => number | undefined;
    /** Written before each character but the first (`continuing_subword_prefix`), and after the last (`end_of_word_suffix`). */
    readonly continuingPrefix: string;
    readonly wordSuffix: string;
    /** Ids of the 256 byte tokens `<0x00>`…`<0xFF>` for characters the vocabulary lacks. */
    readonly byteFallback?: Int32Array;
    /** The token for a character the vocabulary lacks; absent, such characters vanish, as in Hugging Face's library. */
    readonly unknown?: {
        readonly id: number;
        readonly fuse: boolean;
    };
};
/** The 256 byte tokens of a vocabulary, -1 where one is missing. */
export declare function byteTokenIds(symbolOf: (text: string) => number | undefined): Int32Array;
export declare function createBytePairModel(options: BytePairOptions): SubwordModel;
