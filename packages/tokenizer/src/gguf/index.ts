// A tokenizer from the vocabulary a GGUF file carries (`tokenizer.ggml.*` metadata).

export type { Metadata } from './read.ts'
export { tokenizerFromGguf } from './tokenizer.ts'
