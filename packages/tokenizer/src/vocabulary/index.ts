// `@fs/tokenizer/vocabulary`: the GGUF vocabulary of a checkpoint's tokenizer.
export { type GgufVocabularyResult, ggufVocabulary, type VocabularyReport } from './gguf-vocabulary.ts'
export type { ChatTemplates, VocabularyOptions, VocabularyTraits } from './options.ts'
