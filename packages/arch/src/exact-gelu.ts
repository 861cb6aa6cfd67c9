// What is said of models with the exact GELU: ggml computes the tanh approximation everywhere (ggml-cpu/vec.h), so neither it nor llama.cpp, which
// is built on it, can give their numbers to the last digit.
import type { Notice } from './define-arch.ts'

/** @param differ what comes out of the model */
export const exactGeluMessage = (engine: 'llama.cpp' | 'ggml', differ: 'logits' | 'embeddings'): string =>
  `the model uses the exact GELU, ${engine} the tanh approximation: ${differ} differ slightly at every length`

/** `gguf/exact-gelu` where config.json names that activation. */
export const exactGeluNotices = ({ activation }: { readonly activation: string }, differ: 'logits' | 'embeddings'): readonly Notice[] =>
  activation === 'gelu' ? [{ code: 'gguf/exact-gelu', message: exactGeluMessage('llama.cpp', differ) }] : []
