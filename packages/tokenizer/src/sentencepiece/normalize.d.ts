import type { SentencePieceModel } from './model-file.ts';
type Settings = Pick<SentencePieceModel, 'precompiledCharsmap' | 'addDummyPrefix' | 'removeExtraWhitespaces' | 'escapeWhitespaces' | 'treatWhitespaceAsSuffix'>;
/** @returns a function of the text and of whether it begins a text, as only there a space is put. */
export declare function createNormalizer(settings: Settings, where: string): (text: string, begins: boolean) => string;
export {};
