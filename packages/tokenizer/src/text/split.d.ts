export declare const SPLIT_BEHAVIORS: readonly ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'];
export type SplitBehavior = (typeof SPLIT_BEHAVIORS)[number];
/** @param pattern global; @param invert treats what the pattern does not match as the match. */
export declare function split(text: string, pattern: RegExp, behavior: SplitBehavior, invert: boolean): string[];
