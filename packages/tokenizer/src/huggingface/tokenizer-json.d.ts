import type { Decoder } from '../decoders/decoder.ts';
import type { TokenizerFiles } from '../files.ts';
import type { SpecialIds, Tokenizer } from '../tokenizer.ts';
import { type Frame } from './frame.ts';
import { type ReadModel } from './model.ts';
import { type Normalize } from './normalizer.ts';
import { type PreTokenizer } from './pre-tokenizer.ts';
import { type Reader } from './reader.ts';
import { type AddedToken, type Vocabulary } from './vocabulary.ts';
/** A tokenizer.json and its companions, read and checked: what both encoding and writing a GGUF vocabulary start from. */
export type HuggingFaceTokenizer = {
    readonly json: Reader;
    readonly tokenizerConfig: Reader | undefined;
    /** Model tokens and added tokens together. */
    readonly vocabulary: Vocabulary;
    readonly addedTokens: readonly AddedToken[];
    readonly special: {
        readonly ids: SpecialIds;
        readonly texts: ReadonlySet<string>;
    };
    readonly model: ReadModel;
    readonly normalize: Normalize;
    readonly preTokenizer: PreTokenizer;
    readonly frame: Frame;
    readonly decoder: Decoder;
};
/** @throws FsError when a file is malformed, or asks for a stage that is not implemented. */
export declare function readHuggingFaceTokenizer(files: TokenizerFiles & {
    readonly tokenizerJson: string;
}): HuggingFaceTokenizer;
/**
 * A tokenizer whose ids equal those of Hugging Face's library for the same files.
 * @throws FsError when a file is malformed, or asks for a stage that is not implemented.
 */
export declare function tokenizerFromJson(files: TokenizerFiles & {
    readonly tokenizerJson: string;
}): Tokenizer;
export declare function buildTokenizer(source: HuggingFaceTokenizer): Tokenizer;
