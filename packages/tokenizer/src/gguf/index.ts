// GGUF vocabularies: a tokenizer from one (`tokenizer.ggml.*` metadata), and one from a checkpoint's tokenizer files.

export { PRE_TOKENIZERS, type PreTokenizerName } from '../pre-tokenizers/names.ts'
export type { PreTokenizerFinding } from '../vocabulary/detect.ts'
export { type GgufVocabularyResult, ggufVocabulary, type VocabularyReport } from '../vocabulary/gguf-vocabulary.ts'
export type { ChatTemplates, VocabularyOptions, VocabularyTraits } from '../vocabulary/options.ts'
export type { Metadata } from './read.ts'
export { tokenizerFromGguf } from './tokenizer.ts'
