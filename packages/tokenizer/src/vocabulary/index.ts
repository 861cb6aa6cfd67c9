// A GGUF vocabulary (`tokenizer.*` metadata) from a checkpoint's tokenizer files, and the pre-tokenizer names such a vocabulary may carry.

export { PRE_TOKENIZERS, type PreTokenizerName } from '../pre-tokenizers/names.ts'
export type { PreTokenizerFinding } from './detect.ts'
export { type GgufVocabularyResult, ggufVocabulary, type VocabularyReport } from './gguf-vocabulary.ts'
export type { ChatTemplates, VocabularyOptions, VocabularyTraits } from './options.ts'
