import type { Reader } from '../huggingface/reader.ts';
import type { SplitterName } from '../pre-tokenizers/splitters.ts';
/** The splitter whose published stages these are, or undefined. */
export declare function knownSplitter(preTokenizer: Reader | undefined): SplitterName | undefined;
