export type PairTable = {
    readonly size: number;
    /** Keeps the first value of a pair. @returns false when the pair was there. */
    add(left: number, right: number, value: number): boolean;
    /** The pair's value, or -1. */
    get(left: number, right: number): number;
};
/** An empty table with room for `expected` pairs; it grows when it gets more. */
export declare function createPairTable(expected: number): PairTable;
