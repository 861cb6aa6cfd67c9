// The architectures of this package.
export { llama } from './llama/llama.ts'
export { mistral } from './mistral/mistral.ts'
export { mixtral } from './mixtral/mixtral.ts'
