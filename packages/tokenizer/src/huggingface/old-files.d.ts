/** @throws FsError when a line of merges.txt is not two tokens. */
export declare function jsonFromVocabularyAndMerges(vocabularyJson: string, mergesText: string, tokenizerConfig: string | undefined): string;
/** One token a line, the id being the line's number from 0. */
export declare function jsonFromVocabularyText(vocabularyText: string, tokenizerConfig: string | undefined): string;
