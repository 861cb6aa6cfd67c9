import { type Decoder } from '../decoders/decoder.ts';
import type { Reader } from './reader.ts';
/** @throws FsError for decoders that are unknown or malformed. */
export declare function readDecoder(reader: Reader | undefined, tokens: readonly (string | undefined)[]): Decoder;
