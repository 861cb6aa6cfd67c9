import type { Reader } from './reader.ts';
/**
 * @returns a global, Unicode-aware expression; it matches nothing empty when the pattern is a string.
 * @throws FsError when it cannot be translated, is too long, or could take superquadratic time.
 */
export declare function readPattern(reader: Reader): RegExp;
