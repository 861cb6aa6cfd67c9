/** Which pairs join, in what order, into what. Symbols are non-negative integers the rules give meaning to. */
export type MergeRules = {
    /** An integer >= 0 that names the join of two symbols, or -1 when they do not join. */
    find(left: number, right: number): number;
    /** Lower joins first; equal ranks join leftmost first. An integer in 0 … 2^22 - 1. */
    rank(join: number): number;
    /** The symbol a join makes. */
    result(join: number): number;
};
/** Joins `symbols` in place as far as `rules` allow, and returns how many are left at its start. */
export declare function mergeSymbols(symbols: number[], rules: MergeRules): number;
