export { ggufVocabulary } from './gguf-vocabulary.ts'
export type { VocabularyTraits } from './options.ts'
