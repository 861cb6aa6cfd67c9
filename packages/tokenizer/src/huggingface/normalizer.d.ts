import type { Reader } from './reader.ts';
export type Normalize = (text: string) => string;
/** @throws FsError for stages that are unknown, malformed, too many or too deep. */
export declare function readNormalizer(reader: Reader | undefined): Normalize;
/** Stages of nested sequences, in order. */
export declare function flatten(reader: Reader, listName: string, depth?: number): readonly Reader[];
