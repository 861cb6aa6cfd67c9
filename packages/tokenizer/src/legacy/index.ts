// Vocabularies of files from before GGUF.

export { ggufVocabularyFromScoredTokens, jsonFromTokenBytes } from './token-bytes.ts'
