import { type SubwordModel } from '../subword/model.ts';
import type { Reader } from './reader.ts';
import { type Vocabulary } from './vocabulary.ts';
export type ReadModel = {
    readonly type: 'BPE' | 'Unigram' | 'WordPiece' | 'WordLevel';
    /** The model's own tokens; added tokens are not among them yet. */
    readonly vocabulary: Vocabulary;
    readonly unknownId: number | undefined;
    /** The BPE's merges as pairs of token texts. */
    readonly merges: readonly (readonly [string, string])[];
    /** The Unigram's log probabilities by id. */
    readonly scores?: ArrayLike<number>;
    readonly byteFallback: boolean;
    readonly ignoreMerges: boolean;
    /**
     * @param words what the pre-tokenizer gives: bytes or characters, cut or whole.
     * @param control ids that ordinary text never becomes, whatever the vocabulary would allow.
     * @throws FsError when a merge needs a token that is not there.
     */
    build(words: {
        readonly byteLevel: boolean;
        readonly whole: boolean;
    }, control: ReadonlySet<number>): SubwordModel;
};
/** @throws FsError for an unknown type, merges of tokens that are not there, or settings that need randomness. */
export declare function readModel(reader: Reader): ReadModel;
