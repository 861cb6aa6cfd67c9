// The architectures of this package.
export { qwen2 } from './qwen2/qwen2.ts'
export { qwen3 } from './qwen3/qwen3.ts'
export { qwen3Moe } from './qwen3-moe/qwen3-moe.ts'
