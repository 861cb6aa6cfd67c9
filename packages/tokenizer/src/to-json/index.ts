// Tokenizer files for a model that has none in that form: tokenizer.json from a GGUF's vocabulary or from SentencePiece's file.
export { tokenizerFilesFromGguf } from './from-gguf.ts'
export { tokenizerFilesFromModel } from './from-model.ts'
export type { WrittenTokenizer } from './written-files.ts'
