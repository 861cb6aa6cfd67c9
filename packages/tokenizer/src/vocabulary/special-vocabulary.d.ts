import type { JsonObject, MetadataValue } from '@fs/core';
import type { Reader } from '../huggingface/reader.ts';
export type SpecialSources = {
    readonly tokenizerJson: Reader | undefined;
    readonly tokenizerConfig: Reader | undefined;
    readonly config: JsonObject | undefined;
    /** Ids from here on are not written; absent for byte-pair vocabularies, which are not limited. */
    readonly limit?: number;
};
export declare function specialEntries(sources: SpecialSources): Map<string, MetadataValue>;
