import type { SubwordModel } from './model.ts';
export type ScoreMergeOptions = {
    readonly tokens: readonly string[];
    readonly tokenIds: ReadonlyMap<string, number>;
    readonly scores: ArrayLike<number>;
    /** Ids of the byte tokens; -1 where missing. A character the vocabulary lacks becomes its bytes where all of them are there. */
    readonly byteIds: Int32Array;
    /** The token for what has no bytes either; runs of it count as one. Absent, such characters vanish. */
    readonly unknownId: number | undefined;
    /** Pieces that may be passed through but not produced: the result is cut back into its halves. */
    readonly unused?: ReadonlySet<number>;
};
export declare function createScoreMergeModel(options: ScoreMergeOptions): SubwordModel;
