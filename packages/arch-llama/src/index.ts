// The architectures of this package, and the dialects their checkpoints are written in outside of Hugging Face.
export { ggmlLlama } from './dialects/ggml.ts'
export { llama2c } from './dialects/llama2c.ts'
export { meta } from './dialects/meta.ts'
export { llama } from './llama/llama.ts'
export { mistral } from './mistral/mistral.ts'
export { mixtral } from './mixtral/mixtral.ts'
export { olmo2 } from './olmo2/olmo2.ts'
