import type { MetadataValue } from '@fs/core';
import type { SpecialRole } from '../tokenizer.ts';
export type Metadata = ReadonlyMap<string, MetadataValue>;
/** `enum llama_token_type` (include/llama.h): SentencePiece's piece types, and 0 for none. */
export declare const TOKEN_TYPES: {
    readonly UNDEFINED: 0;
    readonly NORMAL: 1;
    readonly UNKNOWN: 2;
    readonly CONTROL: 3;
    readonly USER_DEFINED: 4;
    readonly UNUSED: 5;
    readonly BYTE: 6;
};
export type GgufVocabulary = {
    readonly model: string;
    readonly pre: string | undefined;
    readonly tokens: readonly string[];
    /** Zero where the file has none. */
    readonly scores: Float64Array;
    /** Values of {@link TOKEN_TYPES}; NORMAL where the file has none. */
    readonly types: Uint8Array;
    /** Absent when the file has none; a vocabulary of single characters has an empty list. */
    readonly merges: readonly string[] | undefined;
    /** Ids of the roles the file names. */
    readonly ids: {
        readonly [Role in SpecialRole]?: number;
    };
    readonly addBos: boolean | undefined;
    readonly addEos: boolean | undefined;
    readonly addSep: boolean | undefined;
    readonly addSpacePrefix: boolean | undefined;
    readonly removeExtraWhitespaces: boolean | undefined;
    readonly treatWhitespaceAsSuffix: boolean | undefined;
    readonly precompiledCharsmap: Uint8Array;
    readonly lowercase: boolean | undefined;
    readonly stripAccents: boolean | undefined;
};
/** Key of each role's id. `seperator` is the format's own spelling. */
export declare const ROLE_KEYS: {
    readonly bos: 'tokenizer.ggml.bos_token_id';
    readonly eos: 'tokenizer.ggml.eos_token_id';
    readonly unk: 'tokenizer.ggml.unknown_token_id';
    readonly sep: 'tokenizer.ggml.seperator_token_id';
    readonly pad: 'tokenizer.ggml.padding_token_id';
    readonly cls: 'tokenizer.ggml.cls_token_id';
    readonly mask: 'tokenizer.ggml.mask_token_id';
    readonly eot: 'tokenizer.ggml.eot_token_id';
    readonly eom: 'tokenizer.ggml.eom_token_id';
};
/**
 * @param file the file's name, for messages.
 * @throws FsError when a value has the wrong type, a length does not match, or a token repeats.
 */
export declare function readGgufVocabulary(metadata: Metadata, file: string): GgufVocabulary;
