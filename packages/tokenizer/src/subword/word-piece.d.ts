import type { SubwordModel } from './model.ts';
export type WordPieceOptions = {
    readonly tokenIds: ReadonlyMap<string, number>;
    readonly continuingPrefix: string;
    readonly unknownId: number;
    /** Longer words are unknown at once. */
    readonly maxCharacters: number;
};
export declare function createWordPieceModel(options: WordPieceOptions): SubwordModel;
