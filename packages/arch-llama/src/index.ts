// The architectures of this package.
export { llama } from './llama/llama.ts'
export { mistral } from './mistral/mistral.ts'
