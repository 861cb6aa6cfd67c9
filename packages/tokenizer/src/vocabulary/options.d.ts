import type { MetadataValue } from '@fs/core';
/** A chat template, or named ones; the one named `default` is the main one. */
export type ChatTemplates = string | readonly {
    readonly name: string;
    readonly template: string;
}[];
/** What llama.cpp's converter does for one family and not for others. */
export type VocabularyTraits = {
    /** The pre-tokenizer name to write where several names cut alike. */
    readonly preferredPre?: string;
    /** Where added tokens of a SentencePiece vocabulary come from; Phi-3 takes those of tokenizer.json too, as they are flagged. */
    readonly addedTokens?: 'tokenizer_config.json' | 'tokenizer.json';
    /** Llama's family begins with `add_space_prefix` when tokenizer_config.json has `add_prefix_space`. */
    readonly spacePrefix?: 'from tokenizer_config.json';
    /** Keys written before the vocabulary, such as Phi-2's `add_bos_token`, in order. */
    readonly before?: ReadonlyMap<string, MetadataValue>;
    /** Keys written after it, such as Gemma's `add_space_prefix`; a key that is there already keeps its place and takes this value. */
    readonly after?: ReadonlyMap<string, MetadataValue>;
};
export type VocabularyOptions = {
    /** Rows of the model's embedding: the vocabulary is filled up to it, and may not have more. Absent: as many as there are tokens. */
    readonly rows?: number;
    readonly traits?: VocabularyTraits;
    /** The pre-tokenizer's name, chosen by the user over what is found. */
    readonly pre?: string;
    readonly chatTemplates?: ChatTemplates;
};
