import type { FsError, Json, JsonObject } from '@fs/core';
export type Reader = {
    /** File and path of this value, for messages: `tokenizer.json: model.vocab`. */
    readonly where: string;
    readonly value: Json;
    /** The error for a value that is not what it should be. */
    malformed(expected: string): FsError;
    field(name: string): Reader;
    /** The field unless it is absent or null. */
    optional(name: string): Reader | undefined;
    string(): string;
    boolean(): boolean;
    /** An integer from 0 to `most`. */
    integer(most: number): number;
    number(): number;
    list(most: number): readonly Reader[];
    object(): JsonObject;
};
export declare function readerOf(value: Json, where: string): Reader;
/**
 * Parses JSON text.
 * @throws FsError when it is not JSON, or not an object.
 */
export declare function readJson(text: string, file: string): Reader;
