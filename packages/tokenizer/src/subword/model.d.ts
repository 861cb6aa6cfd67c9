export type SubwordModel = {
    /** Appends the ids of `word` to `output`. */
    encode(word: string, output: number[]): void;
};
/** The same model, remembering the ids of short words. */
export declare function cached(model: SubwordModel): SubwordModel;
