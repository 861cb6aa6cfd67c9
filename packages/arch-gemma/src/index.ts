// The architectures of this package.
export { embeddingGemma } from './embedding-gemma/embedding-gemma.ts'
export { gemma } from './gemma/gemma.ts'
export { gemma2 } from './gemma2/gemma2.ts'
export { gemma3 } from './gemma3/gemma3.ts'
