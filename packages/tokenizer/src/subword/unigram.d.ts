import type { SubwordModel } from './model.ts';
export type UnigramOptions = {
    /** Pieces that may be produced; control tokens and bytes are not among them. */
    readonly pieces: readonly {
        readonly text: string;
        readonly id: number;
        readonly score: number;
    }[];
    /** The id for a character no piece begins at; absent, such characters vanish. */
    readonly unknownId: number | undefined;
    /** The score of such a character: ten below the lowest. */
    readonly unknownScore: number;
    readonly fuseUnknown: boolean;
    /** Ids of the byte tokens, to spell such characters with. */
    readonly byteIds?: Int32Array;
};
export declare function createUnigramModel(options: UnigramOptions): SubwordModel;
