// The entry of the package: open a folder's tokenizer, whatever its form. Each form by itself, and GGUF vocabularies, have their own subpaths.

export { readTokenizerFiles, TOKENIZER_FILE_NAMES, type TokenizerFiles } from './files.ts'
export { openTokenizer } from './open.ts'
export {
  type DecodeOptions,
  type DecodeStream,
  type EncodeOptions,
  SPECIAL_ROLES,
  type SpecialIds,
  type SpecialRole,
  type Tokenizer,
} from './tokenizer.ts'
