import type { Reader } from './reader.ts';
import { type Vocabulary } from './vocabulary.ts';
export type Frame = {
    readonly before: readonly number[];
    readonly after: readonly number[];
};
/** @throws FsError for processors that are unknown, or tokens the vocabulary does not have. */
export declare function readFrame(reader: Reader | undefined, vocabulary: Vocabulary): Frame;
