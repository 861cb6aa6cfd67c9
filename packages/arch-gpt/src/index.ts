// The architectures of this package, and the dialects of ggml files of before GGUF.
export { bloom } from './bloom/bloom.ts'
export { ggmlBloom } from './dialects/ggml-bloom.ts'
export { ggmlGpt2 } from './dialects/ggml-gpt2.ts'
export { ggmlGptJ, ggmlGptNeox, ggmlMpt } from './dialects/ggml-same-names.ts'
export { gptJ } from './gpt-j/gpt-j.ts'
export { gptNeox } from './gpt-neox/gpt-neox.ts'
export { gpt2 } from './gpt2/gpt2.ts'
export { mpt } from './mpt/mpt.ts'
