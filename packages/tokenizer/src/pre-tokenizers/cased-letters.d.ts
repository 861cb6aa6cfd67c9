/** The inside of a character class. */
export declare const CASED_LETTERS: string;
